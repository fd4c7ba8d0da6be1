"""Which data keys seal this database, as keyed hashes that do not tell them; keys of persons."""

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


class PersonKey(models.Model):
    """The key of one person as one creditor knows them: of a debtor, or of a related person.

    `wrapped` is the key itself, sealed with the house's cipher (kind `person_key`). A destroyed key
    leaves its row: nothing personal of that person is recorded any more.
    """

    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    related_person_id = models.BigIntegerField(null=True)  # of a row that erasure takes away
    wrapped = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "related_person_id"],
                name="person_key_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                name="person_key_whole_or_destroyed",
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.pk}"
