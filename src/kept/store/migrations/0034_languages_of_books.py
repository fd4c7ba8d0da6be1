"""The languages of a book are read from an index, one step a language, not from its debtors.

After deployment, made concurrently: intake writes on while it is built.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "after"
    atomic = False

    dependencies = [("store", "0033_texts")]
    operations = [
        AddIndexConcurrently(
            "debtor", models.Index(fields=["creditor", "language"], name="debtor_language")
        ),
    ]
