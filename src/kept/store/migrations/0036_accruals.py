"""Judgments over accounts; words for what accrued.

Safe while old code runs: a new table, and a check of books that lets more of them in.
"""

import django.db.models.deletion
from django.db import migrations, models


_BOOKS = ("receivable", "creditor", "cash", "unexplained", "income", "waived", "redated")
# What accrued, and what a charge-off and a sale move between.
_NEW = ("accrued", "carried", "loss", "sold")


def _books(*names):
    """The books that the database lets in; rows of before are in them, so they are not read."""
    known = ", ".join(f"'{name}'" for name in names)
    return (
        "ALTER TABLE postings DROP CONSTRAINT posting_books_known;"
        " ALTER TABLE postings ADD CONSTRAINT posting_books_known"
        f" CHECK (from_book IN ({known}) AND to_book IN ({known})) NOT VALID"
    )


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0035_night_groups_and_arm_places'),
    ]

    operations = [
        migrations.RunSQL(_books(*_BOOKS, *_NEW), _books(*_BOOKS)),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('opening', 'opening balance'), ('charge', 'charge'), ('accrual', 'accrued interest and fees'), ('payment', 'payment'), ('waiver', 'waiver'), ('adjustment', "adjustment from the creditor's file"), ('redate', 'due date changed'), ('reversal', 'reversal')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='from_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('accrued', 'accrued by terms'), ('waived', 'waived'), ('redated', 'moved to another due date')], max_length=12, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='to_book',
            field=models.CharField(choices=[('receivable', 'owed by the debtor'), ('creditor', "from the creditor's book"), ('cash', 'money received'), ('unexplained', 'fall without a known payment'), ('income', 'charged by kept'), ('accrued', 'accrued by terms'), ('waived', 'waived'), ('redated', 'moved to another due date')], max_length=12, verbose_name='to'),
        ),
        migrations.CreateModel(
            name='Judgment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('judged_on', models.DateField(verbose_name='judged on')),
                ('reference', models.CharField(max_length=64, verbose_name='reference')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('recorded_by', models.CharField(max_length=150)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_by', models.CharField(blank=True, default='', max_length=150)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='store.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'judgment',
                'verbose_name_plural': 'judgments',
                'db_table': 'judgments',
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('account',), name='judgment_once_on_an_account'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='judgment_withdrawn_after_recorded')],
            },
        ),
    ]
