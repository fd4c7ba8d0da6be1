"""A task is once a night; call-backs, which no night makes, may come twice a day. Indexes of what
is to be escalated and was.

After deployment: old code names the constraint that goes, and the indexes lock a table that may be
large for some seconds.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "after"

    dependencies = [("store", "0027_clocks")]
    operations = [
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('escalated_at__isnull', True), ('state', 'open')), fields=['escalates_at'], name='task_to_escalate'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False), ('state', 'open')), fields=['creditor', 'escalated_at'], name='task_escalated'),
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_once_a_night',
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(condition=models.Q(('run__isnull', False)), fields=('case', 'business_date', 'treatment'), name='task_once_a_night'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('run__isnull', False), ('wanted_at__isnull', False), _connector='OR'), name='task_of_a_night_or_asked_for'),
        ),
    ]
