"""Waivers: policies, budgets, what is asked for and the entries it made.

Safe while old code runs: new tables.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0038_payments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Waiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('plain', 'at once'), ('conditional', 'against payment'), ('settlement', 'settlement in full')], max_length=12, verbose_name='kind')),
                ('state', models.CharField(choices=[('requested', 'asked for'), ('offered', 'offered'), ('accepted', 'accepted'), ('posted', 'posted'), ('refused', 'refused'), ('withdrawn', 'withdrawn'), ('countered', 'replaced by a counter-offer'), ('expired', 'expired'), ('failed', 'not paid in time'), ('undone', 'undone')], max_length=10, verbose_name='state')),
                ('reason', models.CharField(choices=[('hardship', 'hardship'), ('goodwill', 'goodwill'), ('service_fault', 'a fault of the lender'), ('fee_error', 'charged in error'), ('closes_debt', 'closes the debt'), ('other_payer', 'somebody else pays')], max_length=16, verbose_name='reason')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('rule', models.CharField(max_length=32, verbose_name='rule')),
                ('policy', models.CharField(max_length=64, verbose_name='policy')),
                ('levels', models.JSONField(default=list)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('owed_minor', models.BigIntegerField(verbose_name='owed')),
                ('waived_minor', models.BigIntegerField(verbose_name='waived')),
                ('parts', models.JSONField(default=list)),
                ('grace_days', models.PositiveIntegerField(default=0)),
                ('offer_until', models.DateField(verbose_name='offer stands until')),
                ('requested_at', models.DateTimeField(verbose_name='asked for at')),
                ('requested_by', models.CharField(max_length=150, verbose_name='asked for by')),
                ('requester_id', models.BigIntegerField(null=True)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('accepted_on', models.DateField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('paid_minor', models.BigIntegerField(default=0)),
                ('posted_on', models.DateField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('judged_on', models.DateField(null=True)),
                ('seen_postings', models.IntegerField(default=0)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waivers', to='store.case')),
                ('counters', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='countered_by', to='store.waiver')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
            ],
            options={
                'verbose_name': 'waiver',
                'verbose_name_plural': 'waivers',
                'db_table': 'waivers',
            },
        ),
        migrations.CreateModel(
            name='WaiverBudget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.product', verbose_name='portfolio')),
            ],
            options={
                'verbose_name': 'waiver budget',
                'verbose_name_plural': 'waiver budgets',
                'db_table': 'waiver_budgets',
            },
        ),
        migrations.CreateModel(
            name='WaiverEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.entry')),
                ('waiver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='store.waiver')),
            ],
            options={
                'db_table': 'waiver_entries',
            },
        ),
        migrations.CreateModel(
            name='WaiverLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('component', models.CharField(max_length=24)),
                ('amount_minor', models.BigIntegerField()),
                ('posted_minor', models.BigIntegerField(default=0)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.account')),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='store.waiverbudget')),
                ('waiver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='store.waiver')),
            ],
            options={
                'db_table': 'waiver_lines',
            },
        ),
        migrations.CreateModel(
            name='WaiverPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('text', models.TextField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'waiver policy',
                'verbose_name_plural': 'waiver policies',
                'db_table': 'waiver_policies',
            },
        ),
        migrations.AddIndex(
            model_name='waiver',
            index=models.Index(condition=models.Q(('state__in', ['offered', 'accepted'])), fields=['state', 'offer_until'], name='waiver_waiting'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(('waived_minor__gt', 0)), name='waiver_positive'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'plain'), ('parts', [])), models.Q(models.Q(('kind', 'plain'), _negated=True), models.Q(('parts', []), _negated=True)), _connector='OR'), name='waiver_parts_of_condition'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'offered', 'accepted'])), fields=('case',), name='waiver_one_open_a_case'),
        ),
        migrations.AddConstraint(
            model_name='waiverbudget',
            constraint=models.UniqueConstraint(fields=('creditor', 'product', 'month', 'currency'), name='waiver_budget_once_a_month', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='waiverbudget',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='waiver_budget_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='waiverbudget',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='waiver_budget_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='waiverline',
            constraint=models.UniqueConstraint(fields=('waiver', 'account', 'component'), name='waiver_line_once'),
        ),
        migrations.AddConstraint(
            model_name='waiverline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0), ('posted_minor__gte', 0)), name='waiver_line_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='waiverpolicy',
            constraint=models.UniqueConstraint(fields=('creditor', 'valid_from'), name='waiver_policy_once_a_day'),
        ),
    ]
