"""Tasks that escalate or were asked for at a time, follow-ups, and counts of work as it happens.

Safe while old code runs: new tables, and columns that may be empty.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0026_strategies'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('made_by', models.CharField(max_length=150, verbose_name='by')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next')),
            ],
            options={
                'verbose_name': 'follow-up',
                'verbose_name_plural': 'follow-ups',
                'db_table': 'follow_ups',
            },
        ),
        migrations.CreateModel(
            name='WorkCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('treatment', models.CharField(blank=True, default='', max_length=32, verbose_name='treatment')),
                ('batch', models.BigIntegerField(default=0)),
                ('done_in_time', models.IntegerField(default=0, verbose_name='done in time')),
                ('done_late', models.IntegerField(default=0, verbose_name='done late')),
                ('lapsed', models.IntegerField(default=0, verbose_name='lapsed')),
                ('cancelled', models.IntegerField(default=0, verbose_name='cancelled')),
                ('follow_ups', models.IntegerField(default=0, verbose_name='follow-ups')),
            ],
            options={
                'verbose_name': 'count of work',
                'verbose_name_plural': 'counts of work',
                'db_table': 'work_counts',
            },
        ),
        migrations.AddField(
            model_name='task',
            name='escalated_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='escalated'),
        ),
        migrations.AddField(
            model_name='task',
            name='escalates_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='escalates'),
        ),
        migrations.AddField(
            model_name='task',
            name='wanted_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='asked for at'),
        ),
        migrations.AlterField(
            model_name='task',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.run'),
        ),
        migrations.AddField(
            model_name='followup',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='store.case'),
        ),
        migrations.AddField(
            model_name='followup',
            name='creditor',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor'),
        ),
        migrations.AddField(
            model_name='followup',
            name='seat',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.seat'),
        ),
        migrations.AddField(
            model_name='followup',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.task'),
        ),
        migrations.AddField(
            model_name='workcount',
            name='creditor',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor'),
        ),
        migrations.AddField(
            model_name='workcount',
            name='seat',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.seat'),
        ),
        migrations.AddField(
            model_name='workcount',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.team'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['case', '-id'], name='follow_up_of_case'),
        ),
        migrations.AddConstraint(
            model_name='workcount',
            constraint=models.UniqueConstraint(fields=('creditor', 'day', 'seat', 'team', 'treatment', 'batch'), name='work_count_once', nulls_distinct=False),
        ),
    ]
