"""Commands that were done under a key, so that the same call again is answered and not done."""

from django.db import models
from django.db.models import Q


class Command(models.Model):
    """One row for each key; written in the transaction of the change it stands for.

    Neither the key nor the input is stored, only their hashes; the answer is sealed under the key.
    """

    key_hash = models.BinaryField(max_length=32, unique=True)
    input_hash = models.BinaryField(max_length=32)
    use_case = models.CharField(max_length=64)
    answer = models.BinaryField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "commands"
        constraints = [
            models.CheckConstraint(
                condition=Q(use_case__regex=r"^[a-z0-9_.:/-]{1,64}$"), name="command_use_case_form"
            )
        ]
        indexes = [models.Index(fields=["recorded_at"], name="command_by_time")]

    def __str__(self) -> str:
        return f"{self.use_case} {self.pk}"
