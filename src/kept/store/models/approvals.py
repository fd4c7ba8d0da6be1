"""Approvals: what somebody asks for, who decided, by which policy, and who decides for whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Role
from kept.core.approvals import ApprovalState
from kept.store.visibility import visible_manager

STATES = [state.value for state in ApprovalState]


class Approval(models.Model):
    """A command that waits for the yes of other people; `levels` are those of the day it was asked.

    `command` with its SHA-256 `command_hash` is what will run, and nothing else.
    """

    creditor_id: int | None
    case_id: int | None
    requested_by_id: int | None
    kind = models.CharField(_("kind"), max_length=32)
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, null=True, related_name="approvals"
    )
    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=48)
    amount_minor = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    command = models.JSONField()
    command_hash = models.BinaryField(max_length=32)
    levels = models.JSONField()
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requester = models.CharField(_("requested by"), max_length=150)
    requested_at = models.DateTimeField(_("requested at"))
    expires_at = models.DateTimeField(_("until"))
    state = models.CharField(
        _("state"), max_length=10, choices=ApprovalState.choices_of(), default="open"
    )
    settled_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "approvals"
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="approval_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="approval_settled_at_an_instant",
            ),
            models.UniqueConstraint(
                fields=["kind", "command_hash"],
                condition=Q(state="open"),
                name="approval_asked_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(state="open"), name="approval_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Decision(models.Model):
    """One person's answer at one level; `on_behalf_of` is whom they stood in for."""

    user_id: int
    on_behalf_of_id: int | None
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="decisions")
    level = models.PositiveSmallIntegerField(_("level"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.BooleanField(_("answer"))
    reason = models.TextField(_("reason"), blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        db_table = "decisions"
        constraints = [
            models.UniqueConstraint(fields=["approval", "level"], name="decision_once_a_level"),
            models.UniqueConstraint(fields=["approval", "user"], name="decision_once_a_person"),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("user")),
                name="decision_for_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approval_id}.{self.level}: {self.answer}"


class ApprovalPolicy(models.Model):
    """Up to an amount, one level of one kind is decided by one role; level 0 needs nobody."""

    creditor_id: int | None
    kind = models.CharField(_("kind"), max_length=32)
    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("creditor"),
        help_text=_("none: all that have none of their own"),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    up_to_minor = models.BigIntegerField(
        _("up to"), null=True, blank=True, help_text=_("in minor units; none: without end")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    role = models.CharField(
        _("role"), max_length=32, blank=True, default="", choices=[(r.value, r.value) for r in Role]
    )

    objects = visible_manager()

    class Meta:
        db_table = "approval_policies"
        verbose_name = _("approval policy")
        verbose_name_plural = _("approval policies")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "creditor", "currency", "up_to_minor", "level", "role"],
                name="approval_policy_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(level=0, role="") | (Q(level__gte=1, level__lte=5) & ~Q(role="")),
                name="approval_policy_level_has_a_role",
            ),
            models.CheckConstraint(
                condition=Q(up_to_minor__isnull=True) | (Q(up_to_minor__gt=0) & ~Q(currency="")),
                name="approval_policy_amount_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} level {self.level}: {self.role}"


class Delegation(models.Model):
    """While somebody is away, another decides for them; both days included."""

    from_user_id: int
    to_user_id: int
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("for"),
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("decides"),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=500)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "delegations"
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="delegation_days_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(from_user=F("to_user")), name="delegation_to_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to_user_id} for {self.from_user_id}"
