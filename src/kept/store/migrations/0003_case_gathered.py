"""Whether an account keeps its case open or came along with one that does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_ground")]
    operations = [
        migrations.AddField(
            "caseaccount",
            "gathered",
            models.BooleanField("gathered", default=False, db_default=False),
        ),
    ]
