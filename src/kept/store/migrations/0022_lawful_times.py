"""From when on a task's contact is lawful.

Safe while old code runs: a column that may be null.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [("store", "0021_permits")]
    operations = [
        migrations.AddField(
            "task",
            "lawful_from",
            models.DateTimeField(blank=True, null=True, verbose_name="lawful from"),
        ),
    ]
