"""Attempts: one outbound try on one channel, partitioned by month.

The table is made and changed in SQL by migrations. `account_ids` are the debts that an attempt was
put down to when it was made, `talked_account_ids` those that a conversation was about.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    pk = models.CompositePrimaryKey("started_at", "id")
    id = models.BigIntegerField()
    started_at = models.DateTimeField(_("started at"))
    case = models.ForeignKey("store.Case", on_delete=models.DO_NOTHING, related_name="attempts")
    debtor = models.ForeignKey("store.Debtor", on_delete=models.DO_NOTHING, related_name="attempts")
    contact_point = models.ForeignKey(
        "store.ContactPoint", on_delete=models.DO_NOTHING, null=True, related_name="attempts"
    )
    channel = models.CharField(_("channel"), max_length=24)
    outcome = models.CharField(_("outcome"), max_length=32, blank=True, default="")
    seat = models.ForeignKey("store.Seat", on_delete=models.DO_NOTHING, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))
    # What a count of law reads. Null in what came before kept knew it: then it is taken at its
    # worst, an attempt of whoever asks, on every account of the case, on the debtor.
    inbound = models.BooleanField(_("inbound"), default=False, db_default=False)
    legal_entity = models.ForeignKey(
        "store.LegalEntity", on_delete=models.DO_NOTHING, null=True, related_name="+"
    )
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.DO_NOTHING, null=True, related_name="+"
    )
    account_ids = ArrayField(models.BigIntegerField(), null=True)
    talked_account_ids = ArrayField(models.BigIntegerField(), null=True)
    # Null in what others made before, and in what a person began.
    permit = models.ForeignKey(
        "store.Permit", on_delete=models.DO_NOTHING, null=True, related_name="+"
    )

    class Meta:
        db_table = "attempts"
        managed = False
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.channel} {self.started_at}"
