"""Names of fields that operators read. Nothing in the database changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0007_open_tasks_of_cases'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='bucketmove',
            options={'verbose_name': 'bucket move', 'verbose_name_plural': 'bucket moves'},
        ),
        migrations.AlterModelOptions(
            name='rolegrant',
            options={'verbose_name': 'granted role', 'verbose_name_plural': 'granted roles'},
        ),
        migrations.AlterField(
            model_name='bucketmove',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bucket_moves', to='store.account', verbose_name='account'),
        ),
        migrations.AlterField(
            model_name='engagement',
            name='creditor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='store.creditor', verbose_name='creditor'),
        ),
        migrations.AlterField(
            model_name='engagement',
            name='legal_entity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='store.legalentity', verbose_name='legal entity'),
        ),
        migrations.AlterField(
            model_name='engagement',
            name='product',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.product', verbose_name='product'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='store.account', verbose_name='account'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='reverses',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='store.entry', verbose_name='reverses'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='from_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('waived', 'waived'), ('redated', 'moved to another due date')], max_length=12, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='to_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('waived', 'waived'), ('redated', 'moved to another due date')], max_length=12, verbose_name='to'),
        ),
        migrations.AlterField(
            model_name='product',
            name='creditor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='store.creditor', verbose_name='creditor'),
        ),
        migrations.AlterField(
            model_name='productterms',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='store.product', verbose_name='product'),
        ),
        migrations.AlterField(
            model_name='rolegrant',
            name='creditor',
            field=models.ForeignKey(blank=True, help_text='none: all of them', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='store.creditor', verbose_name='creditor'),
        ),
        migrations.AlterField(
            model_name='rolegrant',
            name='granted_at',
            field=models.DateTimeField(verbose_name='granted at'),
        ),
        migrations.AlterField(
            model_name='rolegrant',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='creditors',
            field=models.ManyToManyField(blank=True, help_text='none: all of them', related_name='seats', to='store.creditor', verbose_name='creditors'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='store.team', verbose_name='team'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='user',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seat', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
    ]
