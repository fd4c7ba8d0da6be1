"""Receipts of payments are documents too.

Safe while old code runs: the wider constraint takes every kind that the old code knows.
"""

from django.db import migrations, models

KIND = models.CharField(
    'kind',
    max_length=24,
    choices=[
        ('demand_letter', 'letter of demand'),
        ('lawyers_letter', "lawyer's letter"),
        ('statement_of_account', 'statement of account'),
        ('instalment_agreement', 'instalment agreement'),
        ('settlement_offer', 'settlement offer'),
        ('settlement_confirmation', 'confirmation of settlement'),
        ('proof_of_settlement', 'proof of settlement'),
        ('payment_receipt', 'receipt of a payment'),
    ],
)
# Proved beside readers and writers, who are locked out for a moment only.
CHANGE = """
ALTER TABLE documents
    DROP CONSTRAINT document_kind_known,
    ADD CONSTRAINT document_kind_known CHECK (kind IN ({kinds})) NOT VALID;
ALTER TABLE documents VALIDATE CONSTRAINT document_kind_known;
"""


def _among(codes):
    return CHANGE.format(kinds=', '.join(f"'{code}'" for code in codes))


CODES = [code for code, _ in KIND.choices]
WIDER, NARROWER = _among(CODES), _among(CODES[:-1])


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0041_promises'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint('document', 'document_kind_known'),
                migrations.AlterField('document', 'kind', KIND),
                migrations.AddConstraint(
                    'document',
                    models.CheckConstraint(
                        condition=models.Q(kind__in=CODES),
                        name='document_kind_known',
                    ),
                ),
            ],
            database_operations=[migrations.RunSQL(WIDER, NARROWER)],
        )
    ]
