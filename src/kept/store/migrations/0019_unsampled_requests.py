"""Words of requests and accesses give no samples to the planner, as those of 0015."""

from django.db import migrations

UNSAMPLED = {
    "approvals": ("reason", "command", "result"),
    "decisions": ("reason",),
    "staff_accesses": ("reason",),
    "delegations": ("reason",),
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
    dependencies = [("store", "0018_reveal_counts")]
    operations = [migrations.RunSQL(statements(0), statements(-1))]
