"""A task is once a night; call-backs, which no night makes, may come twice a day.

After deployment: old code names the constraint that goes.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "after"

    dependencies = [("store", "0027_clocks")]
    operations = [
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
