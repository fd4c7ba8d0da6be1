"""Cases that are to be decided again by day.

Safe while old code runs: a new table.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0030_contact_reviews'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseToDecide',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='store.case')),
                ('creditor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='store.creditor')),
                ('cause', models.CharField(max_length=16, verbose_name='cause')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('priority', models.BigIntegerField(default=0, verbose_name='priority')),
                ('version', models.BigIntegerField(default=1)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'case to be decided again',
                'verbose_name_plural': 'cases to be decided again',
                'db_table': 'cases_to_decide',
                'indexes': [models.Index(fields=['creditor', 'due_at'], name='to_decide_by_creditor')],
            },
        ),
    ]
