"""Promises to pay, over which accounts they go, what each came to, and by which policy.

Nobody types an outcome: `state` and `paid_minor` are copies of what `core.agreements.promises` says
of the ledger, and an invariant compares them with a computation of its own.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import WHOLE, visible_manager


def _rows_of_cases(path: str = "") -> models.Manager[models.Model]:
    return visible_manager(
        f"{path}creditor_id",
        product_path=f"{path}case__case_accounts__account__product_id",
        seat_path=f"{path}case__seat_id",
    )


class PromisePolicy(models.Model):
    """What promises a creditor takes from a day until the next row's day.

    `values` are the fields of `core.agreements.promise_policy.PromisePolicy`; what is left out has
    the value of the shipped policy of that day.
    """

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", verbose_name=_("creditor")
    )
    valid_from = models.DateField(_("valid from"))
    values = models.JSONField(default=dict)

    objects = visible_manager(seat_path=WHOLE)

    class Meta:
        db_table = "promise_policies"
        verbose_name = _("promise policy")
        verbose_name_plural = _("promise policies")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "valid_from"], name="promise_policy_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} from {self.valid_from}"


class Promise(models.Model):
    """An amount by a day, as somebody who owes it said it.

    `made_on` and `due_on` are the creditor's dates; tolerance and grace are frozen when it is made;
    `test_on` is the last day on which money keeps it. `ended_on` is the day from which it counts no
    more. `judged_on` is the day as of which, and `judged_at` the moment by which known, `state` and
    `paid_minor` were said last. `exceeded` names what of the policy it breaks, `exceeded_by` who
    let it. `attempt_id` is the contact: a row of a table in parts, so no foreign key.
    """

    class State(models.TextChoices):
        OPEN = "open", _("in promise")
        KEPT = "kept", _("kept")
        PARTIAL = "partial", _("partly kept")
        BROKEN = "broken", _("broken")
        CANCELLED = "cancelled", _("cancelled")

    class EndReason(models.TextChoices):
        REPLACED = "replaced", _("replaced by another promise")
        HOLD = "hold", _("a hold was placed")
        DISPUTE = "dispute", _("the debt is disputed")
        PLAN = "plan", _("an instalment plan was agreed")
        RECALLED = "recalled", _("the account was recalled")
        CANCELLED = "cancelled", _("cancelled by hand")

    class SaidBy(models.TextChoices):
        DEBTOR = "debtor", _("the debtor")
        RELATED_PERSON = "related_person", _("somebody who owes too")
        REPRESENTATIVE = "representative", _("somebody who speaks for the debtor")

    class Way(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        CARD = "card", _("card")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        CASH = "cash", _("cash")
        MOBILE_WALLET = "mobile_wallet", _("mobile wallet")
        CHEQUE = "cheque", _("cheque")
        OTHER = "other", _("other way")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="promises", db_index=False
    )
    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, related_name="promises", db_index=False
    )
    external_id = models.CharField(max_length=64, blank=True, default="")
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    made_at = models.DateTimeField(_("made"))
    recorded_at = models.DateTimeField(_("recorded at"))
    made_on = models.DateField(_("made on"))
    due_on = models.DateField(_("due on"))
    test_on = models.DateField(_("last day"))
    way = models.CharField(_("way of paying"), max_length=16, choices=Way.choices)
    said_by = models.CharField(_("said by"), max_length=16, choices=SaidBy.choices)
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attempt_id = models.BigIntegerField(_("contact"), null=True, blank=True)
    taken_by = models.CharField(_("taken by"), max_length=150)
    seat = models.ForeignKey(
        "store.Seat", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        "store.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tolerance_ppm = models.IntegerField(_("tolerance"))
    grace_days = models.PositiveSmallIntegerField(_("grace"))
    counts_unexplained = models.BooleanField(default=True)
    exceeded = models.JSONField(default=list, blank=True)
    exceeded_by = models.CharField(max_length=150, blank=True, default="")
    verified_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    verified_by = models.CharField(max_length=150, blank=True, default="")
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")
    end_reason = models.CharField(
        _("why it ended"), max_length=12, choices=EndReason.choices, blank=True, default=""
    )
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    paid_minor = models.BigIntegerField(_("paid"), default=0)
    judged_on = models.DateField(_("judged as of"))
    judged_at = models.DateTimeField()

    objects = _rows_of_cases()

    class Meta:
        db_table = "promises"
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="promise_positive"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("made_on")) & Q(test_on__gte=F("due_on")),
                name="promise_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0) & Q(paid_minor__lte=F("amount_minor")),
                name="promise_paid_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_at__isnull=True, end_reason="")
                | (
                    Q(ended_on__isnull=False, ended_at__isnull=False, ended_on__gte=F("made_on"))
                    & ~Q(end_reason="")
                ),
                name="promise_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "kept", "partial", "broken", "cancelled"]),
                name="promise_state_known",
            ),
            models.UniqueConstraint(
                fields=["creditor", "external_id"],
                condition=~Q(external_id=""),
                name="promise_number_once",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="promise_of_case"),
            models.Index(fields=["debtor"], name="promise_of_debtor"),
            models.Index(fields=["creditor", "due_on"], name="promise_by_due_day"),
            models.Index(
                fields=["creditor", "test_on"], condition=Q(state="open"), name="promise_open"
            ),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk} of case {self.case_id}"


class PromiseAccount(models.Model):
    """An account that a promise goes over."""

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="accounts")
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, related_name="promise_accounts"
    )

    objects = visible_manager(
        "promise__creditor_id",
        product_path="account__product_id",
        seat_path="promise__case__seat_id",
    )

    class Meta:
        db_table = "promise_accounts"
        constraints = [
            models.UniqueConstraint(fields=["promise", "account"], name="promise_account_once")
        ]

    def __str__(self) -> str:
        return f"promise {self.promise_id} over account {self.account_id}"


class PromiseOutcome(models.Model):
    """What a promise had come to as of a day, by what was known at `recorded_at`: each change once.

    `by_payment` are pairs of an entry of the ledger and the amount of it that keeps the promise.
    """

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="outcomes")
    as_of = models.DateField()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=Promise.State.choices)
    paid_minor = models.BigIntegerField()
    by_payment = models.JSONField(default=list)

    objects = visible_manager(
        "promise__creditor_id",
        product_path="promise__case__case_accounts__account__product_id",
        seat_path="promise__case__seat_id",
    )

    class Meta:
        db_table = "promise_outcomes"

    def __str__(self) -> str:
        return f"promise {self.promise_id}: {self.state} as of {self.as_of}"
