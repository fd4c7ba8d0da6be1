"""Capacities of nights: letters, visits, money.

Safe while old code runs: a new table.
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0024_loaded_rows'),
    ]

    operations = [
        migrations.CreateModel(
            name='Capacity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('resource', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}$', 'Use small letters, digits and _, at most 32, a letter first.')], verbose_name='resource')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('amount', models.BigIntegerField(blank=True, help_text='empty: no limit', null=True, verbose_name='amount a night')),
                ('creditor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='capacities', to='store.creditor', verbose_name='creditor')),
            ],
            options={
                'verbose_name': 'capacity',
                'verbose_name_plural': 'capacities',
                'db_table': 'capacities',
                'constraints': [models.UniqueConstraint(fields=('creditor', 'resource', 'valid_from'), name='capacity_once_a_day'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='capacity_not_negative'), models.CheckConstraint(condition=models.Q(('resource__regex', '^[a-z][a-z0-9_]{0,31}$')), name='capacity_resource_form')],
            },
        ),
    ]
