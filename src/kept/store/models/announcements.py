"""Announcements: who is told what happened to cases, and how far each case was told to whom.

An announcement has no row of its own. What is told are the events; a cursor says, per subscriber
and case, up to which event. The database moves `newest` in the transaction of the event itself
(store/migrations), so that nothing is told that was not committed and nothing is forgotten.
"""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Subscriber(models.Model):
    """A system that is told by signed HTTP calls; `actions` empty means all of them."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500)
    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("creditor"),
    )
    actions = models.JSONField(_("actions"), default=list, blank=True)
    secret_cipher = models.BinaryField()
    active = models.BooleanField(_("active"), default=True)

    objects = visible_manager()

    class Meta:
        db_table = "subscribers"
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self) -> str:
        return self.name


class AnnouncementCursor(models.Model):
    """Events of one case up to `delivered` are told to a subscriber; those up to `newest` wait."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="cursors")
    case_id = models.BigIntegerField()
    delivered = models.BigIntegerField()
    newest = models.BigIntegerField()
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "announcement_cursors"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "case_id"], name="cursor_once"),
            models.CheckConstraint(
                condition=models.Q(newest__gte=F("delivered")), name="cursor_goes_forward"
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscriber", "due_at", "id"],
                condition=models.Q(newest__gt=F("delivered")),
                name="cursor_with_news",
            )
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} for {self.subscriber_id}: {self.delivered} of {self.newest}"
