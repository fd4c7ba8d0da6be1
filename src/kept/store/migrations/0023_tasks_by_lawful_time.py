"""Worklists show what is lawful now before what will be: both orders from an index alone.

After deployment: old code needs the index that is made anew. On a table of a million tasks it takes
some seconds and locks it against writes for that time; run it outside the night.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    deployment = "after"

    dependencies = [("store", "0022_lawful_times")]
    operations = [
        migrations.RemoveIndex("task", "task_by_creditor"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["creditor", "-priority", "id"],
                include=[
                    "bucket",
                    "dpd",
                    "treatment",
                    "stage",
                    "due_at",
                    "seat",
                    "lawful_from",
                ],
                condition=Q(state="open"),
                name="task_by_creditor",
            ),
        ),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["creditor", "lawful_from", "-priority", "id"],
                condition=Q(state="open"),
                name="task_by_lawful_time",
            ),
        ),
    ]
