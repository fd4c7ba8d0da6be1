"""What a key rotation has made ready: hashes under the new key, beside those that are in use."""

from django.db import models


class RotatedHash(models.Model):
    """The next hash of one row of one table; it holds as long as the row has `old_hash`."""

    pk = models.CompositePrimaryKey("of_table", "row_id")
    of_table = models.CharField(max_length=32)
    row_id = models.BigIntegerField()
    number = models.SmallIntegerField()
    old_hash = models.BinaryField(max_length=16)
    value_hash = models.BinaryField(max_length=16)

    class Meta:
        db_table = "rotated_hashes"

    def __str__(self) -> str:
        return f"{self.of_table} {self.row_id}"
