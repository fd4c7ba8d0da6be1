"""Attempts: one outbound try on one channel, partitioned by month.

The table is made in SQL by the first migration. Nothing writes it yet but intake of history;
permits (the only door to a channel) will.
"""

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

    class Meta:
        db_table = "attempts"
        managed = False
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.channel} {self.started_at}"
