"""Night groups with their creditors and capacities; places among the arms of stratified strategies.

Safe while old code runs: new tables.
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0034_languages_of_books'),
    ]

    operations = [
        migrations.CreateModel(
            name='NightGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9_-]{0,31}$', 'Use capital letters, digits, - and _; at most 32.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('zone', models.CharField(help_text='for example Asia/Shanghai', max_length=64, verbose_name='time zone')),
                ('closes_at', models.TimeField(verbose_name='closing time')),
            ],
            options={
                'verbose_name': 'night group',
                'verbose_name_plural': 'night groups',
                'db_table': 'night_groups',
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9_-]{0,31}$')), name='night_group_code_form')],
            },
        ),
        migrations.CreateModel(
            name='NightGroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('creditor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='night_group_member', to='store.creditor')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='store.nightgroup')),
            ],
            options={
                'verbose_name': 'creditor of a night group',
                'verbose_name_plural': 'creditors of night groups',
                'db_table': 'night_group_members',
            },
        ),
        migrations.CreateModel(
            name='ArmPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('strategy', models.CharField(max_length=32)),
                ('stratum', models.CharField(max_length=250)),
                ('draw', models.SmallIntegerField()),
                ('placed_on', models.DateField()),
                ('debtor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor')),
            ],
            options={
                'db_table': 'arm_places',
                'indexes': [models.Index(fields=['strategy', 'stratum'], name='arm_place_strata')],
                'constraints': [models.UniqueConstraint(fields=('debtor', 'strategy'), name='arm_place_once'), models.CheckConstraint(condition=models.Q(('draw__gte', 0), ('draw__lt', 10000)), name='arm_place_draw_known')],
            },
        ),
        migrations.CreateModel(
            name='NightGroupCapacity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('resource', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}$', 'Use small letters, digits and _, at most 32, a letter first.')], verbose_name='resource')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('amount', models.BigIntegerField(blank=True, help_text='empty: no limit', null=True, verbose_name='amount a night')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='capacities', to='store.nightgroup')),
            ],
            options={
                'verbose_name': 'capacity of a night group',
                'verbose_name_plural': 'capacities of night groups',
                'db_table': 'night_group_capacities',
                'constraints': [models.UniqueConstraint(fields=('group', 'resource', 'valid_from'), name='group_capacity_once_a_day'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='group_capacity_not_negative')],
            },
        ),
    ]
