"""A row for every data key of the ring, where there was one for the only key."""

from django.db import migrations, models
from django.db.models import Q

class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [("store", "0009_tasks_by_case_and_day")]
    operations = [
        migrations.RemoveConstraint("keycheck", "key_check_one_row"),
        migrations.SeparateDatabaseAndState(
            # The column keeps its name, so that the code before this one still finds it.
            state_operations=[
                migrations.RenameField("keycheck", "id", "number"),
                migrations.AlterField(
                    "keycheck",
                    "number",
                    models.SmallIntegerField(db_column="id", primary_key=True, serialize=False),
                ),
            ]
        ),
        migrations.AddField("keycheck", "hashes", models.BooleanField(db_default=True)),
        migrations.AddConstraint(
            "keycheck",
            models.UniqueConstraint(
                fields=["hashes"], condition=Q(hashes=True), name="key_check_one_hashes"
            ),
        ),
        migrations.AddConstraint(
            "keycheck",
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=255), name="key_check_number_known"
            ),
        ),
    ]
