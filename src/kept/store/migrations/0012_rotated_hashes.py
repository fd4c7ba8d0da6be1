"""Where a key rotation makes the next hashes ready."""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0011_counters")]
    operations = [
        migrations.CreateModel(
            name="RotatedHash",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "of_table",
                        "row_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("of_table", models.CharField(max_length=32)),
                ("row_id", models.BigIntegerField()),
                ("number", models.SmallIntegerField()),
                ("old_hash", models.BinaryField(max_length=16)),
                ("value_hash", models.BinaryField(max_length=16)),
            ],
            options={"db_table": "rotated_hashes"},
        ),
    ]
