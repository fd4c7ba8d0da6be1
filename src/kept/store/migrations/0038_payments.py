"""Payments, what they gave to which account and what went back; words for charge-off and sale.

Safe while old code runs: new tables, and choices that the database does not hold.
"""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0037_documents'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('opening', 'opening balance'), ('charge', 'charge'), ('accrual', 'accrued interest and fees'), ('payment', 'payment'), ('waiver', 'waiver'), ('adjustment', "adjustment from the creditor's file"), ('redate', 'due date changed'), ('reversal', 'reversal'), ('charge_off', 'charge-off'), ('sale', 'sale')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='from_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('accrued', 'accrued by terms'), ('waived', 'waived'), ('redated', 'moved to another due date'), ('carried', 'carried by the creditor as worth'), ('loss', 'charged off as a loss'), ('sold', 'sold to another creditor')], max_length=12, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='to_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('accrued', 'accrued by terms'), ('waived', 'waived'), ('redated', 'moved to another due date'), ('carried', 'carried by the creditor as worth'), ('loss', 'charged off as a loss'), ('sold', 'sold to another creditor')], max_length=12, verbose_name='to'),
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('file', 'payment file'), ('camt', 'bank statement'), ('api', 'another program'), ('cashier', 'cashier'), ('direct_debit', 'direct debit')], max_length=12, verbose_name='came by')),
                ('external_id', models.CharField(max_length=140, verbose_name='receipt')),
                ('bank_reference', models.CharField(blank=True, default='', max_length=140, verbose_name="bank's reference")),
                ('reference', models.CharField(blank=True, default='', max_length=140, verbose_name="payer's reference")),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('received_on', models.DateField(verbose_name='received on')),
                ('value_on', models.DateField(blank=True, null=True, verbose_name='value date')),
                ('way', models.CharField(choices=[('bank_transfer', 'bank transfer'), ('card', 'card'), ('direct_debit', 'direct debit'), ('cash', 'cash'), ('mobile_wallet', 'mobile wallet'), ('cheque', 'cheque'), ('other', 'other')], max_length=16, verbose_name='way of paying')),
                ('payer_relation', models.CharField(choices=[('self', 'the debtor'), ('co_debtor', 'co-debtor'), ('guarantor', 'guarantor'), ('spouse', 'spouse'), ('family', 'family'), ('friend', 'friend'), ('employer', 'employer'), ('other', 'somebody else'), ('unknown', 'not said')], max_length=12, verbose_name='payer')),
                ('details_cipher', models.BinaryField(null=True)),
                ('matched_by', models.CharField(blank=True, default='', max_length=16, verbose_name='matched by')),
                ('confidence_per_mille', models.SmallIntegerField(blank=True, null=True, verbose_name='confidence')),
                ('state', models.CharField(choices=[('suspense', 'in suspense'), ('allocated', 'allocated'), ('returned', 'returned'), ('duplicate', 'known from elsewhere')], max_length=12, verbose_name='state')),
                ('suspense_reason', models.CharField(blank=True, default='', max_length=24, verbose_name='why it waits')),
                ('allocated_minor', models.BigIntegerField(default=0, verbose_name='allocated')),
                ('returned_minor', models.BigIntegerField(default=0, verbose_name='returned')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('recorded_by', models.CharField(max_length=150, verbose_name='by')),
                ('account', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='store.account')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='store.creditor')),
                ('debtor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor')),
                ('duplicate_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='store.payment')),
                ('intake_file', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='store.intakefile')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'db_table': 'payments',
            },
        ),
        migrations.CreateModel(
            name='PaymentAllocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('trace', models.JSONField(default=list)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_allocations', to='store.account')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payment_allocation', to='store.entry')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='store.payment')),
                ('reversal', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.entry')),
            ],
            options={
                'verbose_name': 'payment allocation',
                'verbose_name_plural': 'payment allocations',
                'db_table': 'payment_allocations',
            },
        ),
        migrations.CreateModel(
            name='PaymentPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('body', models.JSONField()),
                ('set_at', models.DateTimeField()),
                ('set_by', models.CharField(max_length=150)),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
            ],
            options={
                'verbose_name': 'payment policy',
                'verbose_name_plural': 'payment policies',
                'db_table': 'payment_policies',
            },
        ),
        migrations.CreateModel(
            name='PaymentReference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reference', 'reference'), ('virtual_account', 'virtual account')], max_length=16, verbose_name='kind')),
                ('number', models.CharField(help_text='without spaces and joints', max_length=64, verbose_name='number')),
                ('created_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_references', to='store.account')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
            ],
            options={
                'verbose_name': 'payment reference',
                'verbose_name_plural': 'payment references',
                'db_table': 'payment_references',
            },
        ),
        migrations.CreateModel(
            name='PaymentReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('file', 'payment file'), ('camt', 'bank statement'), ('api', 'another program'), ('cashier', 'cashier'), ('direct_debit', 'direct debit')], max_length=12, verbose_name='came by')),
                ('external_id', models.CharField(max_length=140, verbose_name='reference')),
                ('kind', models.CharField(choices=[('reversal', 'reversed by the bank'), ('chargeback', 'charged back'), ('returned_item', 'direct debit returned'), ('sent_back', 'sent back to the payer')], max_length=16, verbose_name='kind')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('returned_on', models.DateField(verbose_name='returned on')),
                ('code', models.CharField(blank=True, default='', max_length=8, verbose_name='reason code')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('recorded_by', models.CharField(max_length=150, verbose_name='by')),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payment_returns', to='store.account')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
                ('intake_file', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.intakefile')),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='store.payment')),
            ],
            options={
                'verbose_name': 'returned payment',
                'verbose_name_plural': 'returned payments',
                'db_table': 'payment_returns',
            },
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['creditor', '-received_on', '-id'], name='payment_by_day'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state', 'suspense')), fields=['creditor', 'received_on'], name='payment_in_suspense'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('bank_reference', ''), _negated=True), fields=['creditor', 'bank_reference'], name='payment_by_bank_reference'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('reference', ''), _negated=True), fields=['creditor', 'reference'], name='payment_by_reference'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['account', 'received_on'], name='payment_by_account'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('creditor', 'channel', 'external_id'), name='payment_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payment_positive'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('allocated_minor__gte', 0), ('returned_minor__gte', 0), ('amount_minor__gte', django.db.models.expressions.CombinedExpression(models.F('allocated_minor'), '+', models.F('returned_minor')))), name='payment_sums'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='payment_currency_form'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['suspense', 'allocated', 'returned', 'duplicate'])), name='payment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='paymentallocation',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payment_allocation_positive'),
        ),
        migrations.AddConstraint(
            model_name='paymentpolicy',
            constraint=models.UniqueConstraint(fields=('creditor', 'valid_from'), name='payment_policy_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='paymentreference',
            constraint=models.UniqueConstraint(fields=('creditor', 'kind', 'number'), name='payment_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='paymentreturn',
            constraint=models.UniqueConstraint(fields=('creditor', 'channel', 'external_id'), name='payment_return_once'),
        ),
        migrations.AddConstraint(
            model_name='paymentreturn',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payment_return_positive'),
        ),
    ]
