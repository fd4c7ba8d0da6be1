"""Commands under a key, intents, and who is told what happened to cases.

Safe while old code runs: new tables, and two triggers on the heads of chains that do nothing until
somebody subscribes.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
DROP = """
DROP TRIGGER heads_moved_are_news ON event_heads;
DROP TRIGGER heads_begun_are_news ON event_heads;
DROP FUNCTION kept_note_news;
"""


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ("store", "0015_debtor_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name='Command',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.BinaryField(max_length=32, unique=True)),
                ('input_hash', models.BinaryField(max_length=32)),
                ('use_case', models.CharField(max_length=64)),
                ('answer', models.BinaryField(null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'commands',
                'indexes': [models.Index(fields=['recorded_at'], name='command_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('use_case__regex', '^[a-z0-9_.:/-]{1,64}$')), name='command_use_case_form')],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('actions', models.JSONField(blank=True, default=list, verbose_name='actions')),
                ('secret_cipher', models.BinaryField()),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('creditor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'subscriber',
                'verbose_name_plural': 'subscribers',
                'db_table': 'subscribers',
            },
        ),
        migrations.CreateModel(
            name='Intent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=48, verbose_name='kind')),
                ('key', models.CharField(max_length=120, unique=True)),
                ('lane', models.CharField(blank=True, default='', max_length=64)),
                ('subject', models.CharField(max_length=48, verbose_name='subject')),
                ('payload', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('intended', 'waits'), ('leased', 'under way'), ('unknown', 'unknown whether it happened'), ('done', 'done'), ('failed', 'failed')], default='intended', max_length=8, verbose_name='state')),
                ('in_doubt', models.BooleanField(default=False)),
                ('fence', models.BigIntegerField(default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.IntegerField(default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(verbose_name='not before')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('reason', models.CharField(blank=True, default='', max_length=64, verbose_name='reason')),
                ('result', models.JSONField(default=dict)),
                ('creditor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
            ],
            options={
                'verbose_name': 'intent',
                'verbose_name_plural': 'intents',
                'db_table': 'intents',
                'indexes': [models.Index(condition=models.Q(('state__in', ['intended', 'unknown'])), fields=['kind', 'due_at', 'id'], name='intent_due'), models.Index(condition=models.Q(('state__in', ['intended', 'unknown', 'leased']), models.Q(('lane', ''), _negated=True)), fields=['lane', 'id'], name='intent_by_lane'), models.Index(condition=models.Q(('state', 'leased')), fields=['lease_until'], name='intent_leased'), models.Index(condition=models.Q(('state', 'failed')), fields=['-finished_at'], name='intent_failed')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['intended', 'leased', 'unknown', 'done', 'failed'])), name='intent_state_known'), models.CheckConstraint(condition=models.Q(('state', 'leased'), ('lease_until__isnull', True), _connector='XOR'), name='intent_lease_while_leased'), models.CheckConstraint(condition=models.Q(('state__in', ['done', 'failed']), ('finished_at__isnull', True), _connector='XOR'), name='intent_finished_when_it_ends')],
            },
        ),
        migrations.CreateModel(
            name='AnnouncementCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_id', models.BigIntegerField()),
                ('delivered', models.BigIntegerField()),
                ('newest', models.BigIntegerField()),
                ('fence', models.BigIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=64)),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cursors', to='store.subscriber')),
            ],
            options={
                'db_table': 'announcement_cursors',
                'indexes': [models.Index(condition=models.Q(('newest__gt', models.F('delivered'))), fields=['subscriber', 'due_at', 'id'], name='cursor_with_news')],
                'constraints': [models.UniqueConstraint(fields=('subscriber', 'case_id'), name='cursor_once'), models.CheckConstraint(condition=models.Q(('newest__gte', models.F('delivered'))), name='cursor_goes_forward')],
            },
        ),
        migrations.RunSQL(SQL, DROP),
    ]
