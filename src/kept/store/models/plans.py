"""Instalment plans with their instalments, the policy they are offered by, and what a household
said that it can carry."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, seen_by_debtor
from kept.store.visibility import visible_manager


class PlanPolicy(models.Model):
    """A creditor's policy from a day until the next row's day: `core.agreements.plan_policy`."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", verbose_name=_("creditor")
    )
    valid_from = models.DateField(_("valid from"))
    values = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "plan_policies"
        verbose_name = _("plan policy")
        verbose_name_plural = _("plan policies")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "valid_from"], name="plan_policy_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} from {self.valid_from}"


class HouseholdFigures(Recorded):
    """Income, costs and dependants as told in a talk, in a month; the figures are sealed."""

    currency = models.CharField(_("currency"), max_length=3)

    objects = seen_by_debtor()

    class Meta:
        db_table = "household_figures"
        verbose_name = _("figures of a household")
        verbose_name_plural = _("figures of households")
        constraints = [ended_after("household_ended_after_begun")]

    def __str__(self) -> str:
        return f"household {self.pk}"


class Plan(models.Model):
    """A series of due amounts agreed with the debtor. The state is a copy of what the judging of
    its schedule says; `judged_on` and `seen_postings` say by when and what."""

    class Shape(models.TextChoices):
        ANNUITY = "annuity", _("equal instalments")
        EQUAL_PRINCIPAL = "equal_principal", _("equal principal")
        IRREGULAR = "irregular", _("as agreed, each by itself")

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACTIVE = "active", _("running")
        PERFORMED = "performed", _("performed")
        BREACHED = "breached", _("breached")
        ENDED = "ended", _("ended")

    class EndReason(models.TextChoices):
        REPLACED = "replaced", _("replaced by a new schedule")
        SETTLED = "settled", _("settled early")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("offer expired")
        CANCELLED = "cancelled", _("cancelled")

    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="plans")
    creditor = models.ForeignKey("store.Creditor", on_delete=models.PROTECT, related_name="+")
    account_ids = ArrayField(models.BigIntegerField())
    # The number in the creditor's older system, from which the plan came in by a file.
    external_id = models.CharField(_("number"), max_length=64, default="", db_default="")
    currency = models.CharField(_("currency"), max_length=3)
    shape = models.CharField(_("shape"), max_length=16, choices=Shape.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    owed_minor = models.BigIntegerField(_("owed"))
    rate_nano = models.BigIntegerField(default=0)
    tolerance_days = models.PositiveIntegerField(default=0)
    tolerance_minor = models.BigIntegerField(default=0)
    offered_at = models.DateTimeField(_("offered at"))
    offered_by = models.CharField(_("offered by"), max_length=150)
    offer_until = models.DateField(_("offer stands until"))
    began_on = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    re_ages = models.PositiveSmallIntegerField(default=0)
    hardship = models.ForeignKey(
        "store.Hardship", on_delete=models.PROTECT, null=True, related_name="+"
    )
    household = models.ForeignKey(
        HouseholdFigures, on_delete=models.PROTECT, null=True, related_name="+"
    )
    paid_minor = models.BigIntegerField(default=0)
    overdue_minor = models.BigIntegerField(default=0)
    next_due_on = models.DateField(null=True)
    breached_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True, default="")
    judged_on = models.DateField(null=True)
    seen_postings = models.IntegerField(default=0)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "plans"
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="active"), name="plan_one_active_a_case"
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(began_on__isnull=False), name="plan_active_began"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "next_due_on"],
                condition=Q(state__in=["offered", "active"]),
                name="plan_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"plan {self.pk} {self.state}"


class PlanInstalment(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("due on"))
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "plan_instalments"
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_instalment_once"),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0, interest_minor__gte=0),
                name="plan_instalment_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} on {self.due_on}"
