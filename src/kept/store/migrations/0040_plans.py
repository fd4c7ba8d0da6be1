"""Instalment plans, the policy they are offered by, and figures of households.

Safe while old code runs: new tables.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0039_waivers'),
    ]

    operations = [
        migrations.CreateModel(
            name='HouseholdFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('debtor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor')),
                ('key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey')),
                ('related_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
            ],
            options={
                'verbose_name': 'figures of a household',
                'verbose_name_plural': 'figures of households',
                'db_table': 'household_figures',
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('shape', models.CharField(choices=[('annuity', 'equal instalments'), ('equal_principal', 'equal principal'), ('irregular', 'as agreed, each by itself')], max_length=16, verbose_name='shape')),
                ('state', models.CharField(choices=[('offered', 'offered'), ('active', 'running'), ('performed', 'performed'), ('breached', 'breached'), ('ended', 'ended')], max_length=10, verbose_name='state')),
                ('owed_minor', models.BigIntegerField(verbose_name='owed')),
                ('rate_nano', models.BigIntegerField(default=0)),
                ('tolerance_days', models.PositiveIntegerField(default=0)),
                ('tolerance_minor', models.BigIntegerField(default=0)),
                ('offered_at', models.DateTimeField(verbose_name='offered at')),
                ('offered_by', models.CharField(max_length=150, verbose_name='offered by')),
                ('offer_until', models.DateField(verbose_name='offer stands until')),
                ('began_on', models.DateField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('re_ages', models.PositiveSmallIntegerField(default=0)),
                ('paid_minor', models.BigIntegerField(default=0)),
                ('overdue_minor', models.BigIntegerField(default=0)),
                ('next_due_on', models.DateField(null=True)),
                ('breached_on', models.DateField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('replaced', 'replaced by a new schedule'), ('settled', 'settled early'), ('withdrawn', 'withdrawn'), ('expired', 'offer expired'), ('cancelled', 'cancelled')], default='', max_length=12)),
                ('judged_on', models.DateField(null=True)),
                ('seen_postings', models.IntegerField(default=0)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='store.case')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
                ('hardship', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.hardship')),
                ('household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.householdfigures')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='store.plan')),
            ],
            options={
                'verbose_name': 'plan',
                'verbose_name_plural': 'plans',
                'db_table': 'plans',
            },
        ),
        migrations.CreateModel(
            name='PlanInstalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('due_on', models.DateField(verbose_name='due on')),
                ('principal_minor', models.BigIntegerField()),
                ('interest_minor', models.BigIntegerField(default=0)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='instalments', to='store.plan')),
            ],
            options={
                'db_table': 'plan_instalments',
            },
        ),
        migrations.CreateModel(
            name='PlanPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('values', models.JSONField(default=dict)),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'plan policy',
                'verbose_name_plural': 'plan policies',
                'db_table': 'plan_policies',
            },
        ),
        migrations.AddConstraint(
            model_name='householdfigures',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='household_ended_after_begun'),
        ),
        migrations.AddIndex(
            model_name='plan',
            index=models.Index(condition=models.Q(('state__in', ['offered', 'active'])), fields=['state', 'next_due_on'], name='plan_waiting'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('case',), name='plan_one_active_a_case'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), ('began_on__isnull', False), _connector='OR'), name='plan_active_began'),
        ),
        migrations.AddConstraint(
            model_name='planinstalment',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='plan_instalment_once'),
        ),
        migrations.AddConstraint(
            model_name='planinstalment',
            constraint=models.CheckConstraint(condition=models.Q(('interest_minor__gte', 0), ('principal_minor__gte', 0)), name='plan_instalment_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='planpolicy',
            constraint=models.UniqueConstraint(fields=('creditor', 'valid_from'), name='plan_policy_once_a_day'),
        ),
    ]
