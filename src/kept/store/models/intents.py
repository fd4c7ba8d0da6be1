"""Intents: effects on the outside world, written down with the change that asks for them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Intent(models.Model):
    """One effect. `key` is its own for ever, the one under which a peer is asked about it.

    While it is leased, the holder of the greatest `fence` alone may finish it. Intents of one
    `lane` (`case:12`) are carried out in the order in which they were written. `payload` holds ids
    and codes, never a name, a number or a text of a person.
    """

    class State(models.TextChoices):
        INTENDED = "intended", _("waits")
        LEASED = "leased", _("under way")
        UNKNOWN = "unknown", _("unknown whether it happened")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=48)
    key = models.CharField(max_length=120, unique=True)
    lane = models.CharField(max_length=64, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=48)
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    payload = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.INTENDED
    )
    in_doubt = models.BooleanField(default=False)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("not before"))
    recorded_at = models.DateTimeField(_("recorded at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="")
    result = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "intents"
        verbose_name = _("intent")
        verbose_name_plural = _("intents")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["intended", "leased", "unknown", "done", "failed"]),
                name="intent_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="leased") ^ Q(lease_until__isnull=True),
                name="intent_lease_while_leased",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"]) ^ Q(finished_at__isnull=True),
                name="intent_finished_when_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=Q(state__in=["intended", "unknown"]),
                name="intent_due",
            ),
            models.Index(
                fields=["lane", "id"],
                condition=Q(state__in=["intended", "unknown", "leased"]) & ~Q(lane=""),
                name="intent_by_lane",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="intent_leased"),
            models.Index(
                fields=["-finished_at"], condition=Q(state="failed"), name="intent_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
