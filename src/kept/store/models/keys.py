"""Which data key this database was sealed with, as a keyed hash that does not tell the key."""

from django.db import models
from django.db.models import Q


class KeyCheck(models.Model):
    """One row. A process with another key would write what nobody can open, so it is refused."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    value_hash = models.BinaryField(max_length=16)

    class Meta:
        db_table = "key_checks"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="key_check_one_row")]

    def __str__(self) -> str:
        return "key check"
