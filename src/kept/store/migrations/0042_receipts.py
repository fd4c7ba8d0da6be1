"""Receipts of payments are documents too.

Safe while old code runs: the wider constraint takes every kind that the old code knows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0041_promises'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='document',
            name='document_kind_known',
        ),
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('demand_letter', 'letter of demand'), ('lawyers_letter', "lawyer's letter"), ('statement_of_account', 'statement of account'), ('instalment_agreement', 'instalment agreement'), ('settlement_offer', 'settlement offer'), ('settlement_confirmation', 'confirmation of settlement'), ('proof_of_settlement', 'proof of settlement'), ('payment_receipt', 'receipt of a payment')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['demand_letter', 'lawyers_letter', 'statement_of_account', 'instalment_agreement', 'settlement_offer', 'settlement_confirmation', 'proof_of_settlement', 'payment_receipt'])), name='document_kind_known'),
        ),
    ]
