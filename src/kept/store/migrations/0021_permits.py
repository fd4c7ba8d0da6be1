"""Permits, refused contacts, released presumptions; an attempt names its permit.

Safe while old code runs: new tables, and a column that may be null.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


ATTEMPTS = "ALTER TABLE attempts ADD COLUMN permit_id bigint REFERENCES permits (id)"
ATTEMPTS_BACK = "ALTER TABLE attempts DROP COLUMN permit_id"


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0020_people_and_law'),
    ]

    operations = [
        migrations.CreateModel(
            name='PresumptionRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=24, verbose_name='channel')),
                ('rule_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='rules')),
                ('reason', models.CharField(choices=[('required_by_law', 'another law requires the contact'), ('active_litigation', 'litigation is under way'), ('consumer_requested_information', 'the person asked for information'), ('time_critical_not_in_collector_control', 'it cannot wait, for a reason that the collector does not control'), ('dropped_call', 'the call before was cut off')], max_length=48, verbose_name='reason')),
                ('released_at', models.DateTimeField(verbose_name='released at')),
                ('released_by', models.CharField(max_length=150)),
                ('expires_at', models.DateTimeField(verbose_name='holds until')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.case')),
                ('related_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
            ],
            options={
                'verbose_name': 'released presumption',
                'verbose_name_plural': 'released presumptions',
                'db_table': 'presumption_releases',
            },
        ),
        migrations.CreateModel(
            name='Permit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=24, verbose_name='channel')),
                ('purpose', models.CharField(max_length=48, verbose_name='purpose')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('content_hash', models.BinaryField(max_length=16)),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None, verbose_name='duties')),
                ('state', models.CharField(choices=[('reserved', 'reserved'), ('used', 'used, without an outcome'), ('settled', 'settled'), ('released', 'given back'), ('expired', 'expired unused')], default='reserved', max_length=8, verbose_name='state')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('issued_by', models.CharField(max_length=150)),
                ('expires_at', models.DateTimeField(verbose_name='holds until')),
                ('used_at', models.DateTimeField(null=True, verbose_name='used at')),
                ('attempt_id', models.BigIntegerField(null=True)),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('outcome', models.CharField(blank=True, default='', max_length=32, verbose_name='outcome')),
                ('overdue_at', models.DateTimeField(null=True, verbose_name='outcome missed since')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='store.case')),
                ('contact_point', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.contactpoint')),
                ('debtor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor')),
                ('legal_entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.legalentity')),
                ('related_person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
                ('seat', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.seat')),
                ('presumption_release', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='store.presumptionrelease')),
            ],
            options={
                'verbose_name': 'permit',
                'verbose_name_plural': 'permits',
                'db_table': 'permits',
            },
        ),
        migrations.CreateModel(
            name='PermitRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=24, verbose_name='channel')),
                ('outcome', models.CharField(max_length=8, verbose_name='verdict')),
                ('rule_id', models.CharField(max_length=80, verbose_name='rule')),
                ('rule_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None)),
                ('missing', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None, verbose_name='duties')),
                ('lawful_from', models.DateTimeField(null=True, verbose_name='lawful from')),
                ('has_place', models.BooleanField(default=True)),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('asked_by', models.CharField(max_length=150)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.case')),
                ('permit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='store.permit')),
                ('related_person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
            ],
            options={
                'verbose_name': 'refused contact',
                'verbose_name_plural': 'refused contacts',
                'db_table': 'permit_refusals',
                'indexes': [models.Index(fields=['-asked_at', '-id'], name='permit_refusal_by_time'), models.Index(fields=['case', '-asked_at'], name='permit_refusal_by_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['deny', 'require', 'hold'])), name='permit_refusal_outcome_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='presumptionrelease',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['required_by_law', 'active_litigation', 'consumer_requested_information', 'time_critical_not_in_collector_control', 'dropped_call'])), name='presumption_release_reason_known'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(condition=models.Q(('state', 'reserved')), fields=['debtor'], name='permit_open_by_debtor'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(condition=models.Q(('state', 'reserved')), fields=['expires_at'], name='permit_open_by_end'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(condition=models.Q(('state', 'used')), fields=['used_at'], name='permit_unsettled'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(fields=['case', '-issued_at'], name='permit_by_case'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['reserved', 'used', 'settled', 'released', 'expired'])), name='permit_state_known'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attempt_id__isnull', False), ('state__in', ['used', 'settled']), ('used_at__isnull', False), ('used_at__lt', models.F('expires_at'))), models.Q(('attempt_id__isnull', True), ('state__in', ['reserved', 'released', 'expired']), ('used_at__isnull', True)), _connector='OR'), name='permit_has_attempt_when_used'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['settled', 'released', 'expired']), ('ended_at__isnull', True), _connector='XOR'), name='permit_ended_when_it_ends'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'settled'), ('outcome', ''), _connector='XOR'), name='permit_outcome_when_settled'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('issued_at'))), name='permit_holds_for_a_time'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['reserved', 'used', 'settled'])), fields=('presumption_release',), name='permit_release_for_one_attempt'),
        ),
        migrations.RunSQL(ATTEMPTS, ATTEMPTS_BACK),
    ]
