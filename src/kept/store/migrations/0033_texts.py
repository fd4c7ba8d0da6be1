"""Texts written in the house, what was done to each version, which one a permit is for.

Also the number that a creditor's debtors are told. Safe while old code runs: new tables, and
columns that have a default in the database.
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
        ('store', '0032_minutes_of_callbacks'),
    ]

    operations = [
        migrations.CreateModel(
            name='TextVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}$', 'Use small letters, digits and _, a letter first; at most 32.')], verbose_name='code')),
                ('language', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}$', 'Write a language as two or three small letters, such as en or zh.')], verbose_name='language')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('kind', models.CharField(choices=[('script', 'script, spoken'), ('template', 'template, sent as it is'), ('guide', 'guide, read at the desk')], max_length=8, verbose_name='kind')),
                ('channel', models.CharField(max_length=24, verbose_name='channel')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('review', 'in review'), ('approved', 'approved'), ('in_force', 'in force'), ('retired', 'retired')], default='draft', max_length=8, verbose_name='state')),
                ('body', models.TextField(blank=True, default='', verbose_name='text')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('planned_to', models.DateField(blank=True, null=True)),
                ('creditor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='text_versions', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'version of a text',
                'verbose_name_plural': 'versions of texts',
                'db_table': 'text_versions',
                'constraints': [models.UniqueConstraint(fields=('code', 'language', 'version'), name='text_version_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'review', 'approved', 'in_force', 'retired'])), name='text_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('channel__in', ['call', 'field_visit']), ('kind', 'script')), models.Q(('channel__in', ['sms', 'email', 'letter']), ('kind', 'template')), models.Q(('channel', 'desk'), ('kind', 'guide')), _connector='OR'), name='text_channel_of_kind'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('state__in', ['in_force', 'retired']), _connector='OR'), name='text_days_once_in_force'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), ('valid_from__isnull', False), _connector='OR'), name='text_in_force_has_days'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='text_days_in_order'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('valid_from__isnull', False)), expressions=[('code', '='), ('language', '='), (models.Func(models.F('creditor'), models.Value(0), function='coalesce'), '='), (kept.store.models.creditors.DateRange('valid_from', 'valid_to'), '&&')], name='text_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='TextStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('draft', 'drafted'), ('change', 'changed'), ('submit', 'submitted'), ('approve', 'approved'), ('reject', 'sent back'), ('force', 'put in force'), ('replace', 'replaced'), ('retire', 'retired')], max_length=8)),
                ('recorded_at', models.DateTimeField()),
                ('actor', models.CharField(max_length=150)),
                ('note', models.TextField(blank=True, default='')),
                ('body', models.TextField(blank=True, default='')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('text_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='store.textversion')),
            ],
            options={
                'db_table': 'text_steps',
                'indexes': [models.Index(fields=['text_version', 'id'], name='text_step_of')],
            },
        ),
        migrations.AddField(
            model_name='creditor',
            name='phone',
            field=models.CharField(blank=True, db_default='', default='', help_text='the number that texts tell debtors to call', max_length=40, verbose_name='telephone for debtors'),
        ),
        migrations.AddField(
            model_name='permit',
            name='text_label',
            field=models.CharField(blank=True, db_default='', default='', max_length=48, verbose_name='text'),
        ),
    ]
