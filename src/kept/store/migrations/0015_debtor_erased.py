"""When a debtor was erased; nothing in the row says who they were from then on.

And columns with names, numbers and what people typed give no samples to the planner: a sample of an
emptied table is never taken anew, so an erased name would stay among the statistics. The name for
search keeps its samples, which erasing renews.
"""

from django.db import migrations, models

UNSAMPLED = {
    "debtors": ("name",),
    "related_persons": ("name", "name_key"),
    "contact_points": ("value_cipher", "masked"),
    "identity_keys": ("value_cipher", "masked"),
    "holds": ("note", "release_reason"),
    "tasks": ("reason",),
    "intake_rejects": ("value_cipher", "detail"),
    "person_keys": ("wrapped",),
}


def statements(target: int) -> str:
    return "\n".join(
        f"ALTER TABLE {table} "
        + ", ".join(f"ALTER COLUMN {column} SET STATISTICS {target}" for column in columns)
        + ";"
        for table, columns in UNSAMPLED.items()
    )


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0014_events_prove")]
    operations = [
        migrations.AddField(
            "debtor",
            "erased_at",
            models.DateTimeField(blank=True, null=True, verbose_name="erased at"),
        ),
        migrations.RunSQL(statements(0), statements(-1)),
    ]
