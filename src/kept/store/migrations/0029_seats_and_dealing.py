"""Seats in full, dealing outside the night, and who took which case up.

Safe while old code runs: new tables, and columns with a default in the database.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0028_tasks_asked_for'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseTaking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('next', 'next in turn'), ('inbound', 'they called or came'), ('answer', 'an answer was promised for now'), ('other', 'other, see note')], max_length=8)),
                ('taken_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'taking',
                'verbose_name_plural': 'takings',
                'db_table': 'case_takings',
            },
        ),
        migrations.CreateModel(
            name='DealingMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task_seat_before', models.BigIntegerField(null=True)),
                ('case_seat_before', models.BigIntegerField(null=True)),
                ('seat_after', models.BigIntegerField(null=True)),
                ('reason_before', models.JSONField(default=dict)),
                ('why', models.CharField(max_length=24)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'move',
                'verbose_name_plural': 'moves',
                'db_table': 'dealing_moves',
            },
        ),
        migrations.CreateModel(
            name='DealingPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('values', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'dealing policy',
                'verbose_name_plural': 'dealing policies',
                'db_table': 'dealing_policies',
            },
        ),
        migrations.CreateModel(
            name='SeatAbsence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField(verbose_name='first day')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('placed_at', models.DateTimeField()),
                ('placed_by', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
                'db_table': 'seat_absences',
            },
        ),
        migrations.CreateModel(
            name='SeatConflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('related', 'related to the collector'), ('complaint', 'complained about the collector'), ('interest', 'other conflict of interest')], max_length=10, verbose_name='reason')),
                ('placed_at', models.DateTimeField()),
                ('placed_by', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'conflict',
                'verbose_name_plural': 'conflicts',
                'db_table': 'seat_conflicts',
            },
        ),
        migrations.CreateModel(
            name='SeatExtraTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='day')),
                ('minutes', models.PositiveIntegerField(verbose_name='minutes')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('placed_at', models.DateTimeField()),
                ('placed_by', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'extra time',
                'verbose_name_plural': 'extra times',
                'db_table': 'seat_extra_times',
            },
        ),
        migrations.AddField(
            model_name='case',
            name='dealt_on',
            field=models.DateField(blank=True, null=True, verbose_name='dealt on'),
        ),
        migrations.AddField(
            model_name='rolegrant',
            name='may_pick',
            field=models.BooleanField(db_default=False, default=False, help_text='works its own cases in any order, not the next one only', verbose_name='may choose cases'),
        ),
        migrations.AddField(
            model_name='seat',
            name='blocked_reason',
            field=models.CharField(blank=True, choices=[('training', 'training is not done'), ('complaint', 'complaint'), ('leave', 'leave'), ('other', 'other reason')], db_default='', default='', max_length=10, verbose_name='blocked for'),
        ),
        migrations.AddField(
            model_name='seat',
            name='blocked_until',
            field=models.DateField(blank=True, null=True, verbose_name='blocked until'),
        ),
        migrations.AddField(
            model_name='seat',
            name='calendar',
            field=models.CharField(blank=True, db_default='', default='', help_text='country whose holidays it keeps; empty: none', max_length=2, verbose_name='calendar'),
        ),
        migrations.AddField(
            model_name='seat',
            name='caseload_limit',
            field=models.PositiveIntegerField(blank=True, help_text='empty: no limit', null=True, verbose_name='most open cases'),
        ),
        migrations.AddField(
            model_name='seat',
            name='grade',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, help_text='of the cases it may take', verbose_name='highest grade'),
        ),
        migrations.AddField(
            model_name='seat',
            name='kind',
            field=models.CharField(choices=[('person', 'person'), ('agency', 'outside agency'), ('automatic', 'automatic')], db_default='person', default='person', max_length=10, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='seat',
            name='legal_entity',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.legalentity', verbose_name='agency'),
        ),
        migrations.AddField(
            model_name='seat',
            name='shifts',
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name='shifts'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['person', 'agency', 'automatic'])), name='seat_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(('blocked_reason__in', ['', 'training', 'complaint', 'leave', 'other'])), name='seat_block_known'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'agency'), ('legal_entity__isnull', True), _connector='OR'), name='seat_company_of_agency'),
        ),
        migrations.AddField(
            model_name='casetaking',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.case'),
        ),
        migrations.AddField(
            model_name='casetaking',
            name='creditor',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor'),
        ),
        migrations.AddField(
            model_name='dealingmove',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.case'),
        ),
        migrations.AddField(
            model_name='dealingmove',
            name='creditor',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor'),
        ),
        migrations.AddField(
            model_name='dealingmove',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='store.run'),
        ),
        migrations.AddField(
            model_name='dealingmove',
            name='task',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.task'),
        ),
        migrations.AddField(
            model_name='dealingpolicy',
            name='creditor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor', verbose_name='creditor'),
        ),
        migrations.AddField(
            model_name='seatabsence',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to='store.seat'),
        ),
        migrations.AddField(
            model_name='seatconflict',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='seatconflict',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='store.seat'),
        ),
        migrations.AddField(
            model_name='seatextratime',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extra_times', to='store.seat'),
        ),
        migrations.AddIndex(
            model_name='casetaking',
            index=models.Index(fields=['person_id', 'case', '-until'], name='case_taking_of'),
        ),
        migrations.AddConstraint(
            model_name='casetaking',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['next', 'inbound', 'answer', 'other'])), name='case_taking_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='dealingmove',
            constraint=models.UniqueConstraint(fields=('run', 'case'), name='dealing_move_once_a_case'),
        ),
        migrations.AddConstraint(
            model_name='dealingpolicy',
            constraint=models.UniqueConstraint(fields=('creditor', 'valid_from'), name='dealing_policy_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='seatabsence',
            constraint=models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='seat_absence_in_order'),
        ),
        migrations.AddConstraint(
            model_name='seatconflict',
            constraint=models.UniqueConstraint(fields=('seat', 'debtor'), name='seat_conflict_once'),
        ),
        migrations.AddConstraint(
            model_name='seatconflict',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['related', 'complaint', 'interest'])), name='seat_conflict_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='seatextratime',
            constraint=models.UniqueConstraint(fields=('seat', 'on'), name='seat_extra_time_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='seatextratime',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__lte', 1440)), name='seat_extra_within_a_day'),
        ),
    ]
