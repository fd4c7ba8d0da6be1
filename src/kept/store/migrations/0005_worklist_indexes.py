"""Indexes that answer a filtered worklist by themselves, and one for tasks that are closed.

Safe while old code runs. On a table of a million open tasks it takes a few seconds and locks it
against writes for that time; run it outside the night.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("store", "0004_intake_states")]
    operations = [
        migrations.RemoveIndex("task", "task_by_creditor"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["creditor", "-priority", "id"],
                include=["bucket", "dpd", "treatment", "stage", "due_at", "seat"],
                condition=Q(state="open"),
                name="task_by_creditor",
            ),
        ),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["creditor", "state", "-id"],
                condition=~Q(state="open"),
                name="task_closed",
            ),
        ),
    ]
