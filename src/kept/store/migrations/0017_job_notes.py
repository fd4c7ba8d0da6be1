"""Why jobs failed. Safe while old code runs: a new table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0016_once_and_intents")]
    operations = [
        migrations.CreateModel(
            name="JobNote",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=32)),
                ("detail", models.JSONField(default=dict)),
                ("noted_at", models.DateTimeField()),
            ],
            options={"db_table": "job_notes"},
        ),
    ]
