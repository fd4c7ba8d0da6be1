"""Which data keys this database is sealed with, as keyed hashes that do not tell the keys."""

from django.db import models
from django.db.models import Q


class KeyCheck(models.Model):
    """A row a data key. A process with another key would write what nobody opens: it is refused.

    The row that `hashes` names the key of every keyed hash in the book; a rotation moves the mark
    in the transaction that replaces the hashes.
    """

    number = models.SmallIntegerField(primary_key=True, db_column="id")
    value_hash = models.BinaryField(max_length=16)
    hashes = models.BooleanField(db_default=True)

    class Meta:
        db_table = "key_checks"
        constraints = [
            models.UniqueConstraint(
                fields=["hashes"], condition=Q(hashes=True), name="key_check_one_hashes"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=255), name="key_check_number_known"
            ),
        ]

    def __str__(self) -> str:
        return f"data key {self.number}"
