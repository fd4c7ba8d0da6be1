"""What the records that a law asks about have in common; each noun has a file of its own.

A record belongs to a debtor, which is a person as one creditor knows them, or to one of the
debtor's related persons. It is never edited: it begins, and it ends. What somebody typed is sealed
with the key of the person, and gone with it.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from kept.store.visibility import visible_manager


def seen_by_debtor() -> Any:
    """The manager of a noun that hangs on a debtor."""
    return visible_manager(
        "debtor__creditor_id",
        product_path="debtor__accounts__product_id",
        seat_path="debtor__cases__seat_id",
    )


class Recorded(models.Model):
    """Whom it is about, when kept learned it, by whom, and the words that nobody else may read.

    `account_ids` are the debts that it is about; null is all of them.
    """

    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="+")
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    account_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    received_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    ended_by = models.CharField(max_length=150, blank=True, default="")
    key = models.ForeignKey(
        "store.PersonKey", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sealed = models.BinaryField(null=True, blank=True)

    class Meta:
        abstract = True


def in_list(field: str, name: str, *words: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(words)}), name=name)


def ended_after(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ended_at__isnull=True, ended_by="")
        | (Q(ended_at__gte=F("received_at")) & ~Q(ended_by="")),
        name=name,
    )
