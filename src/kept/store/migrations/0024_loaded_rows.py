"""Under which numbers rows of attempts, stops, consents and facts were taken.

Safe while old code runs: a new table.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0023_tasks_by_lawful_time'),
    ]

    operations = [
        migrations.AlterField(
            model_name='creditor',
            name='cut_over_on',
            field=models.DateField(blank=True, help_text='the day from which kept makes the contacts; earlier ones are unknown to caps', null=True, verbose_name='cut-over'),
        ),
        migrations.CreateModel(
            name='LoadedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_type', models.CharField(max_length=16, verbose_name='type')),
                ('external_id', models.CharField(max_length=64, verbose_name='number')),
                ('noun', models.CharField(max_length=16)),
                ('record_id', models.BigIntegerField()),
                ('is_ended', models.BooleanField(default=False)),
                ('row_hash', models.BinaryField(max_length=16)),
                ('key_number', models.SmallIntegerField()),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.creditor')),
                ('debtor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor')),
                ('intake_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.intakefile')),
                ('related_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
            ],
            options={
                'verbose_name': 'loaded row',
                'verbose_name_plural': 'loaded rows',
                'db_table': 'loaded_rows',
                'constraints': [models.UniqueConstraint(fields=('creditor', 'file_type', 'external_id'), name='loaded_row_once')],
            },
        ),
    ]
