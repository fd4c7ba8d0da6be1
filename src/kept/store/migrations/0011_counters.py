"""Where failed sign-ins are counted, so that all web processes count together.

The table is that of Django's database cache, which has no model: its three columns, and the index
by which old rows are culled. It is unlogged: a crash may empty it, and nothing is lost by that.
"""

from django.db import migrations

FORWARD = """
CREATE UNLOGGED TABLE counters (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX counters_expires ON counters (expires);
"""


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0010_key_rings")]

    operations = [migrations.RunSQL(FORWARD, "DROP TABLE counters;")]
