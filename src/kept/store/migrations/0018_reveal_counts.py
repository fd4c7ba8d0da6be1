"""How many masked values each person was shown in an hour, so that it can be limited."""

from django.db import migrations

FORWARD = """
CREATE TABLE reveal_counts (
    actor varchar(150) NOT NULL,
    hour timestamp with time zone NOT NULL,
    shown integer NOT NULL,
    PRIMARY KEY (actor, hour)
);
"""


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0017_job_notes")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE reveal_counts;")]
