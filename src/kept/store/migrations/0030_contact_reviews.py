"""A person's review of all contacts, where a rule asks for one.

Safe while old code runs: a new table.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0029_seats_and_dealing'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=80, verbose_name='duty')),
                ('reviewed_at', models.DateTimeField(verbose_name='reviewed at')),
                ('reviewed_by', models.CharField(max_length=150)),
                ('expires_at', models.DateTimeField(verbose_name='holds until')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.case')),
                ('related_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson')),
            ],
            options={
                'verbose_name': 'review of contacts',
                'verbose_name_plural': 'reviews of contacts',
                'db_table': 'contact_reviews',
                'indexes': [models.Index(fields=['case', 'expires_at'], name='contact_review_of_case')],
            },
        ),
    ]
