"""Strategies written in the house, what was done to each version, and who uses which.

Safe while old code runs: new tables.
"""

import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import kept.store.models.creditors
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0025_capacities'),
    ]

    operations = [
        migrations.CreateModel(
            name='StrategyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}$', 'Use small letters, digits and _, a letter first; at most 32.')], verbose_name='code')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('review', 'in review'), ('approved', 'approved'), ('in_force', 'in force'), ('retired', 'retired')], default='draft', max_length=8, verbose_name='state')),
                ('text', models.TextField(verbose_name='text')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
            ],
            options={
                'verbose_name': 'strategy version',
                'verbose_name_plural': 'strategy versions',
                'db_table': 'strategy_versions',
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='strategy_version_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'review', 'approved', 'in_force', 'retired'])), name='strategy_state_known'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('state__in', ['in_force', 'retired']), _connector='OR'), name='strategy_days_once_in_force'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), ('valid_from__isnull', False), _connector='OR'), name='strategy_in_force_has_days'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='strategy_days_in_order'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('valid_from__isnull', False)), expressions=[('code', '='), (kept.store.models.creditors.DateRange('valid_from', 'valid_to'), '&&')], name='strategy_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='StrategyUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}$', 'Use small letters, digits and _, a letter first; at most 32.')], verbose_name='strategy')),
                ('from_on', models.DateField(verbose_name='from')),
                ('recorded_at', models.DateTimeField()),
                ('actor', models.CharField(max_length=150)),
                ('note', models.TextField(blank=True, default='')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='strategy_uses', to='store.creditor')),
            ],
            options={
                'db_table': 'strategy_uses',
                'constraints': [models.UniqueConstraint(fields=('creditor', 'from_on'), name='strategy_use_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='StrategyStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('draft', 'drafted'), ('change', 'changed'), ('submit', 'submitted'), ('approve', 'approved'), ('reject', 'sent back'), ('force', 'put in force'), ('replace', 'replaced'), ('retire', 'retired')], max_length=8)),
                ('recorded_at', models.DateTimeField()),
                ('actor', models.CharField(max_length=150)),
                ('note', models.TextField(blank=True, default='')),
                ('text', models.TextField(blank=True, default='')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='store.strategyversion')),
            ],
            options={
                'db_table': 'strategy_steps',
                'indexes': [models.Index(fields=['strategy_version', 'id'], name='strategy_step_of')],
            },
        ),
    ]
