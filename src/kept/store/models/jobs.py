"""What is remembered of jobs beside their rows in the queue: why one did not end well."""

from django.db import models


class JobNote(models.Model):
    """Why a job failed last, as a code and what fills the places of its sentence.

    The job's own row, state and history are procrastinate's.
    """

    job_id = models.BigIntegerField(primary_key=True)
    code = models.CharField(max_length=32)
    detail = models.JSONField(default=dict)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "job_notes"

    def __str__(self) -> str:
        return f"job {self.job_id}: {self.code}"
