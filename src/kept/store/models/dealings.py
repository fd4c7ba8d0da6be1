"""Dealing: by which thresholds cases move, each move of a dealing outside the night, and who took
which case up."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class DealingPolicy(models.Model):
    """The thresholds of a creditor's dealing from a day until the next row's day.

    `values` are the fields of `core.dealing_policy.DealingPolicy` that differ from its defaults.
    """

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", verbose_name=_("creditor")
    )
    valid_from = models.DateField(_("valid from"))
    values = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "dealing_policies"
        verbose_name = _("dealing policy")
        verbose_name_plural = _("dealing policies")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "valid_from"], name="dealing_policy_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} from {self.valid_from}"


class DealingMove(models.Model):
    """A case that a dealing outside the night gave to another seat; a null seat is the pile."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    run = models.ForeignKey("store.Run", on_delete=models.PROTECT, related_name="moves")
    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(
        "store.Task", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    task_seat_before = models.BigIntegerField(null=True)
    case_seat_before = models.BigIntegerField(null=True)
    seat_after = models.BigIntegerField(null=True)
    reason_before = models.JSONField(default=dict)
    why = models.CharField(max_length=24)
    undone_at = models.DateTimeField(null=True)

    objects = visible_manager(seat_path="seat_after")

    class Meta:
        db_table = "dealing_moves"
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = [
            models.UniqueConstraint(fields=["run", "case"], name="dealing_move_once_a_case")
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} to {self.seat_after}"


class CaseTaking(models.Model):
    """A case that somebody took up, in turn or out of it for a reason; it holds for a while."""

    class Reason(models.TextChoices):
        NEXT = "next", _("next in turn")
        INBOUND = "inbound", _("they called or came")
        ANSWER = "answer", _("an answer was promised for now")
        OTHER = "other", _("other, see note")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    reason = models.CharField(max_length=8, choices=Reason.choices)
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    objects = visible_manager(seat_path="case__seat_id")

    class Meta:
        db_table = "case_takings"
        verbose_name = _("taking")
        verbose_name_plural = _("takings")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["next", "inbound", "answer", "other"]),
                name="case_taking_reason_known",
            )
        ]
        indexes = [models.Index(fields=["person_id", "case", "-until"], name="case_taking_of")]

    def __str__(self) -> str:
        return f"case {self.case_id} by {self.person_id}"
