"""Waivers: by which policy of a creditor, out of which budget, what is asked for and what came.

What a waiver has come to is decided by its condition and the payments (`core/agreements`); the
money is moved by entries of the ledger alone.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class WaiverPolicy(models.Model):
    """A creditor's waiver matrix from a day until the next row's day, as it was written."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", verbose_name=_("creditor")
    )
    valid_from = models.DateField(_("valid from"))
    text = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    approval = models.ForeignKey(
        "store.Approval", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = visible_manager()

    class Meta:
        db_table = "waiver_policies"
        verbose_name = _("waiver policy")
        verbose_name_plural = _("waiver policies")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "valid_from"], name="waiver_policy_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} from {self.valid_from}"


class WaiverBudget(models.Model):
    """What may be waived in a month, of one portfolio or (`product` null) of all the others."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", verbose_name=_("creditor")
    )
    product = models.ForeignKey(
        "store.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("portfolio"),
    )
    month = models.DateField(_("month"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))

    objects = visible_manager(product_path="product_id")

    class Meta:
        db_table = "waiver_budgets"
        verbose_name = _("waiver budget")
        verbose_name_plural = _("waiver budgets")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "product", "month", "currency"],
                nulls_distinct=False,
                name="waiver_budget_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="waiver_budget_not_negative"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="waiver_budget_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.amount_minor} {self.currency}"


class Waiver(models.Model):
    """One request with what it came to. `parts` are [due on, amount] of its condition, empty where
    it has none; money that reached `account_ids` meets it. `rule` and `policy` say what held it,
    `levels` who approves. `seen_postings` of that money were judged, as of `judged_on`."""

    class Kind(models.TextChoices):
        PLAIN = "plain", _("at once")
        CONDITIONAL = "conditional", _("against payment")
        SETTLEMENT = "settlement", _("settlement in full")

    class State(models.TextChoices):
        REQUESTED = "requested", _("asked for")
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        POSTED = "posted", _("posted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        COUNTERED = "countered", _("replaced by a counter-offer")
        EXPIRED = "expired", _("expired")
        FAILED = "failed", _("not paid in time")
        UNDONE = "undone", _("undone")

    class Reason(models.TextChoices):
        HARDSHIP = "hardship", _("hardship")
        GOODWILL = "goodwill", _("goodwill")
        SERVICE_FAULT = "service_fault", _("a fault of the lender")
        FEE_ERROR = "fee_error", _("charged in error")
        CLOSES_DEBT = "closes_debt", _("closes the debt")
        OTHER_PAYER = "other_payer", _("somebody else pays")

    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="waivers")
    creditor = models.ForeignKey("store.Creditor", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    account_ids = ArrayField(models.BigIntegerField())
    rule = models.CharField(_("rule"), max_length=32)
    policy = models.CharField(_("policy"), max_length=64)
    levels = models.JSONField(default=list)
    currency = models.CharField(_("currency"), max_length=3)
    owed_minor = models.BigIntegerField(_("owed"))
    waived_minor = models.BigIntegerField(_("waived"))
    parts = models.JSONField(default=list)
    grace_days = models.PositiveIntegerField(default=0)
    offer_until = models.DateField(_("offer stands until"))
    requested_at = models.DateTimeField(_("asked for at"))
    requested_by = models.CharField(_("asked for by"), max_length=150)
    requester_id = models.BigIntegerField(null=True)
    approval = models.ForeignKey(
        "store.Approval", on_delete=models.PROTECT, null=True, related_name="+"
    )
    counters = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="countered_by"
    )
    round = models.PositiveSmallIntegerField(default=1)
    accepted_on = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    paid_minor = models.BigIntegerField(default=0)
    posted_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    judged_on = models.DateField(null=True)
    seen_postings = models.IntegerField(default=0)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "waivers"
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.CheckConstraint(condition=Q(waived_minor__gt=0), name="waiver_positive"),
            models.CheckConstraint(
                condition=Q(kind="plain", parts=[]) | (~Q(kind="plain") & ~Q(parts=[])),
                name="waiver_parts_of_condition",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["requested", "offered", "accepted"]),
                name="waiver_one_open_a_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "offer_until"],
                condition=Q(state__in=["offered", "accepted"]),
                name="waiver_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"waiver {self.pk} {self.state}"


class WaiverLine(models.Model):
    """What of one component of an account; `budget` None: no budget is set for its month. Once
    posted, `posted_minor` is what the closing entry took."""

    waiver = models.ForeignKey(Waiver, on_delete=models.CASCADE, related_name="lines")
    account = models.ForeignKey("store.Account", on_delete=models.PROTECT, related_name="+")
    component = models.CharField(max_length=24)
    amount_minor = models.BigIntegerField()
    posted_minor = models.BigIntegerField(default=0)
    budget = models.ForeignKey(
        WaiverBudget, on_delete=models.PROTECT, null=True, related_name="lines"
    )

    class Meta:
        db_table = "waiver_lines"
        constraints = [
            models.UniqueConstraint(
                fields=["waiver", "account", "component"], name="waiver_line_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, posted_minor__gte=0),
                name="waiver_line_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} {self.amount_minor}"


class WaiverEntry(models.Model):
    """An entry of the ledger that a waiver made; what undid it is a reversal of that entry."""

    waiver = models.ForeignKey(Waiver, on_delete=models.PROTECT, related_name="entries")
    entry = models.OneToOneField("store.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "waiver_entries"

    def __str__(self) -> str:
        return f"waiver {self.waiver_id} entry {self.entry_id}"
