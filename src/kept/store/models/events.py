"""Events: append-only, chained by hash, partitioned by month (core/events.py says what is hashed).

The table itself is made in SQL by the first migration, since Django does not write partitions.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    pk = models.CompositePrimaryKey("chain_id", "chain_kind", "sequence", "recorded_at")
    recorded_at = models.DateTimeField(_("recorded at"))
    chain_kind = models.CharField(max_length=8)
    chain_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    actor = models.CharField(_("by"), max_length=150)
    action = models.CharField(_("action"), max_length=48)
    subject = models.CharField(_("subject"), max_length=48)
    batch_id = models.BigIntegerField(null=True)
    key_id = models.BigIntegerField(null=True)  # the PersonKey of what `personal` holds
    personal = models.BinaryField(null=True)
    body = models.TextField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "events"
        managed = False
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class EventHead(models.Model):
    """The newest event of each chain, locked by whoever appends; and what the last seal holds."""

    pk = models.CompositePrimaryKey("chain_kind", "chain_id")
    chain_kind = models.CharField(max_length=8)
    chain_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    sealed_sequence = models.BigIntegerField(default=0)  # 0: no seal holds the chain yet
    sealed_hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "event_heads"

    def __str__(self) -> str:
        return f"{self.chain_kind} {self.chain_id} at {self.sequence}"


class EventStart(models.Model):
    """The last event that retention took away from a chain; a chain without a row is whole."""

    pk = models.CompositePrimaryKey("chain_kind", "chain_id")
    chain_kind = models.CharField(max_length=8)
    chain_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "event_starts"

    def __str__(self) -> str:
        return f"{self.chain_kind} {self.chain_id} after {self.sequence}"
