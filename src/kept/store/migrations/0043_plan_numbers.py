"""The number that a plan had in the creditor's older system.

Safe while old code runs: the database fills the column for rows that do not name it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0042_receipts'),
    ]

    operations = [
        migrations.AddField(
            model_name='plan',
            name='external_id',
            field=models.CharField(db_default='', default='', max_length=64, verbose_name='number'),
        ),
    ]
