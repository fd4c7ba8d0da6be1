"""Printed documents, and which mandates allow lawyer's letters.

Safe while old code runs: a new table, and a column with a default in the database.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0036_accruals'),
    ]

    operations = [
        migrations.AddField(
            model_name='engagement',
            name='lawyers_letters',
            field=models.BooleanField(db_default=False, default=False, help_text='a law firm, or a company whose lawyers may write in their own name', verbose_name="lawyer's letters"),
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('demand_letter', 'letter of demand'), ('lawyers_letter', "lawyer's letter"), ('statement_of_account', 'statement of account'), ('instalment_agreement', 'instalment agreement'), ('settlement_offer', 'settlement offer'), ('settlement_confirmation', 'confirmation of settlement'), ('proof_of_settlement', 'proof of settlement')], max_length=24, verbose_name='kind')),
                ('language', models.CharField(max_length=3, verbose_name='language')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('text_label', models.CharField(max_length=48)),
                ('layout', models.PositiveSmallIntegerField()),
                ('data_hash', models.BinaryField(max_length=32)),
                ('sha256', models.BinaryField(max_length=32)),
                ('size_bytes', models.PositiveIntegerField()),
                ('stored_path', models.CharField(blank=True, default='', max_length=160)),
                ('code_hash', models.BinaryField(max_length=32, unique=True)),
                ('figures_minor', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('valid', 'valid'), ('withdrawn', 'withdrawn')], default='valid', max_length=9, verbose_name='state')),
                ('printed_at', models.DateTimeField(verbose_name='printed')),
                ('printed_by', models.CharField(max_length=150, verbose_name='by')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='store.account', verbose_name='account')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='store.case')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
                ('debtor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='store.debtor')),
                ('legal_entity', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.legalentity', verbose_name='legal entity')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'db_table': 'documents',
                'indexes': [models.Index(fields=['case', '-id'], name='document_of_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['demand_letter', 'lawyers_letter', 'statement_of_account', 'instalment_agreement', 'settlement_offer', 'settlement_confirmation', 'proof_of_settlement'])), name='document_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'valid'), ('withdrawn_at__isnull', True)), models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), _connector='OR'), name='document_withdrawn_at_an_instant'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['proof_of_settlement', 'statement_of_account']), _negated=True), ('account__isnull', False), _connector='OR'), name='document_of_an_account'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'lawyers_letter'), _negated=True), ('legal_entity__isnull', False), _connector='OR'), name='document_lawyer_named')],
            },
        ),
    ]
