"""Promises to pay: over which accounts, what each came to, and by which policy they are taken.

Safe while old code runs: new tables.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0040_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=64)),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('made_on', models.DateField(verbose_name='made on')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('test_on', models.DateField(verbose_name='last day')),
                ('way', models.CharField(choices=[('bank_transfer', 'bank transfer'), ('card', 'card'), ('direct_debit', 'direct debit'), ('cash', 'cash'), ('mobile_wallet', 'mobile wallet'), ('cheque', 'cheque'), ('other', 'other way')], max_length=16, verbose_name='way of paying')),
                ('said_by', models.CharField(choices=[('debtor', 'the debtor'), ('related_person', 'somebody who owes too'), ('representative', 'somebody who speaks for the debtor')], max_length=16, verbose_name='said by')),
                ('attempt_id', models.BigIntegerField(blank=True, null=True, verbose_name='contact')),
                ('taken_by', models.CharField(max_length=150, verbose_name='taken by')),
                ('tolerance_ppm', models.IntegerField(verbose_name='tolerance')),
                ('grace_days', models.PositiveSmallIntegerField(verbose_name='grace')),
                ('counts_unexplained', models.BooleanField(default=True)),
                ('exceeded', models.JSONField(blank=True, default=list)),
                ('exceeded_by', models.CharField(blank=True, default='', max_length=150)),
                ('verified_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed')),
                ('verified_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('end_reason', models.CharField(blank=True, choices=[('replaced', 'replaced by another promise'), ('hold', 'a hold was placed'), ('dispute', 'the debt is disputed'), ('plan', 'an instalment plan was agreed'), ('recalled', 'the account was recalled'), ('cancelled', 'cancelled by hand')], default='', max_length=12, verbose_name='why it ended')),
                ('state', models.CharField(choices=[('open', 'in promise'), ('kept', 'kept'), ('partial', 'partly kept'), ('broken', 'broken'), ('cancelled', 'cancelled')], default='open', max_length=12, verbose_name='state')),
                ('paid_minor', models.BigIntegerField(default=0, verbose_name='paid')),
                ('judged_on', models.DateField(verbose_name='judged as of')),
                ('judged_at', models.DateTimeField()),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='store.case')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
                ('debtor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='store.debtor')),
                ('related_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='store.relatedperson')),
                ('replaced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='store.promise')),
                ('seat', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.seat')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.team')),
            ],
            options={
                'verbose_name': 'promise',
                'verbose_name_plural': 'promises',
                'db_table': 'promises',
            },
        ),
        migrations.CreateModel(
            name='PromiseAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promise_accounts', to='store.account')),
                ('promise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='store.promise')),
            ],
            options={
                'db_table': 'promise_accounts',
            },
        ),
        migrations.CreateModel(
            name='PromiseOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'in promise'), ('kept', 'kept'), ('partial', 'partly kept'), ('broken', 'broken'), ('cancelled', 'cancelled')], max_length=12)),
                ('paid_minor', models.BigIntegerField()),
                ('by_payment', models.JSONField(default=list)),
                ('promise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='store.promise')),
            ],
            options={
                'db_table': 'promise_outcomes',
            },
        ),
        migrations.CreateModel(
            name='PromisePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('values', models.JSONField(default=dict)),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'promise policy',
                'verbose_name_plural': 'promise policies',
                'db_table': 'promise_policies',
            },
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(fields=['case', '-id'], name='promise_of_case'),
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(fields=['debtor'], name='promise_of_debtor'),
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(fields=['creditor', 'due_on'], name='promise_by_due_day'),
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['creditor', 'test_on'], name='promise_open'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='promise_positive'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('made_on')), ('test_on__gte', models.F('due_on'))), name='promise_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('paid_minor__gte', 0), ('paid_minor__lte', models.F('amount_minor'))), name='promise_paid_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at__isnull', True), ('ended_on__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_on__gte', models.F('made_on')), ('ended_on__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='promise_ended_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'kept', 'partial', 'broken', 'cancelled'])), name='promise_state_known'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('creditor', 'external_id'), name='promise_number_once'),
        ),
        migrations.AddConstraint(
            model_name='promiseaccount',
            constraint=models.UniqueConstraint(fields=('promise', 'account'), name='promise_account_once'),
        ),
        migrations.AddConstraint(
            model_name='promisepolicy',
            constraint=models.UniqueConstraint(fields=('creditor', 'valid_from'), name='promise_policy_once_a_day'),
        ),
    ]
