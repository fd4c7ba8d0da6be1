"""An index of open call-backs by seat, whose minutes are taken off its day.

After deployment: it locks a table that may be large for some seconds.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "after"

    dependencies = [("store", "0031_cases_to_decide")]
    operations = [
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('run__isnull', True), ('state', 'open')), fields=['seat', 'wanted_at'], name='task_asked_for'),
        ),
    ]
