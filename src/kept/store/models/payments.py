"""Money received: payments, what each gave to which account, and what went back.

The ledger is the truth of what is owed (`ledger.py`); here stands where the money came from. What
is neither allocated nor returned lies in suspense, so that received is always allocated, returned
and suspense together (an invariant).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Payment(models.Model):
    """Money received by one door, once: an external reference is unique there for a creditor.

    `details_cipher` is a JSON object sealed by the house (payer, payer's account, text of the
    transfer), since whose it is may not be known. `account` is the first account it was for.
    """

    class Channel(models.TextChoices):
        FILE = "file", _("payment file")
        CAMT = "camt", _("bank statement")
        API = "api", _("another program")
        CASHIER = "cashier", _("cashier")
        DIRECT_DEBIT = "direct_debit", _("direct debit")

    class Way(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        CARD = "card", _("card")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        CASH = "cash", _("cash")
        MOBILE_WALLET = "mobile_wallet", _("mobile wallet")
        CHEQUE = "cheque", _("cheque")
        OTHER = "other", _("other")

    class Relation(models.TextChoices):
        SELF = "self", _("the debtor")
        CO_DEBTOR = "co_debtor", _("co-debtor")
        GUARANTOR = "guarantor", _("guarantor")
        SPOUSE = "spouse", _("spouse")
        FAMILY = "family", _("family")
        FRIEND = "friend", _("friend")
        EMPLOYER = "employer", _("employer")
        OTHER = "other", _("somebody else")
        UNKNOWN = "unknown", _("not said")

    class State(models.TextChoices):
        SUSPENSE = "suspense", _("in suspense")
        ALLOCATED = "allocated", _("allocated")
        RETURNED = "returned", _("returned")
        DUPLICATE = "duplicate", _("known from elsewhere")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    channel = models.CharField(_("came by"), max_length=12, choices=Channel.choices)
    external_id = models.CharField(_("receipt"), max_length=140)
    bank_reference = models.CharField(_("bank's reference"), max_length=140, blank=True, default="")
    reference = models.CharField(_("payer's reference"), max_length=140, blank=True, default="")
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    value_on = models.DateField(_("value date"), null=True, blank=True)
    way = models.CharField(_("way of paying"), max_length=16, choices=Way.choices)
    payer_relation = models.CharField(_("payer"), max_length=12, choices=Relation.choices)
    details_cipher = models.BinaryField(null=True)
    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        db_index=False,
    )
    matched_by = models.CharField(_("matched by"), max_length=16, blank=True, default="")
    confidence_per_mille = models.SmallIntegerField(_("confidence"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    suspense_reason = models.CharField(_("why it waits"), max_length=24, blank=True, default="")
    allocated_minor = models.BigIntegerField(_("allocated"), default=0)
    returned_minor = models.BigIntegerField(_("returned"), default=0)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    intake_file = models.ForeignKey(
        "store.IntakeFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("by"), max_length=150)

    objects = visible_manager(
        product_path="account__product_id", seat_path="account__case_accounts__case__seat_id"
    )

    class Meta:
        db_table = "payments"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "channel", "external_id"], name="payment_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(allocated_minor__gte=0)
                & Q(returned_minor__gte=0)
                & Q(amount_minor__gte=F("allocated_minor") + F("returned_minor")),
                name="payment_sums",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="payment_currency_form"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["suspense", "allocated", "returned", "duplicate"]),
                name="payment_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["creditor", "-received_on", "-id"], name="payment_by_day"),
            models.Index(
                fields=["creditor", "received_on"],
                condition=Q(state="suspense"),
                name="payment_in_suspense",
            ),
            models.Index(
                fields=["creditor", "bank_reference"],
                condition=~Q(bank_reference=""),
                name="payment_by_bank_reference",
            ),
            models.Index(
                fields=["creditor", "reference"],
                condition=~Q(reference=""),
                name="payment_by_reference",
            ),
            models.Index(fields=["account", "received_on"], name="payment_by_account"),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"

    @property
    def unallocated_minor(self) -> int:
        """What lies in suspense; money that another door told of before lies there."""
        if self.state == self.State.DUPLICATE:
            return 0
        return self.amount_minor - self.allocated_minor - self.returned_minor


class PaymentAllocation(models.Model):
    """What a payment gave to one account, by one entry of its ledger.

    `trace` lists how each cent went, in order: component, amount, what the component could have
    taken, and the day of the creditor's fall that it explains, if it does.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    entry = models.OneToOneField(
        "store.Entry", on_delete=models.PROTECT, related_name="payment_allocation"
    )
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, related_name="payment_allocations"
    )
    amount_minor = models.BigIntegerField(_("amount"))
    trace = models.JSONField(default=list)
    reversal = models.OneToOneField(
        "store.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = visible_manager(
        "payment__creditor_id",
        product_path="account__product_id",
        seat_path="account__case_accounts__case__seat_id",
    )

    class Meta:
        db_table = "payment_allocations"
        verbose_name = _("payment allocation")
        verbose_name_plural = _("payment allocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payment_allocation_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of payment {self.payment_id}"


class PaymentReturn(models.Model):
    """Money that went back, or a direct debit that was never paid (no payment, nothing posted)."""

    class Kind(models.TextChoices):
        REVERSAL = "reversal", _("reversed by the bank")
        CHARGEBACK = "chargeback", _("charged back")
        RETURNED_ITEM = "returned_item", _("direct debit returned")
        SENT_BACK = "sent_back", _("sent back to the payer")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="returns"
    )
    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payment_returns",
    )
    channel = models.CharField(_("came by"), max_length=12, choices=Payment.Channel.choices)
    external_id = models.CharField(_("reference"), max_length=140)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    returned_on = models.DateField(_("returned on"))
    code = models.CharField(_("reason code"), max_length=8, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    intake_file = models.ForeignKey(
        "store.IntakeFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("by"), max_length=150)

    objects = visible_manager(
        product_path="account__product_id", seat_path="account__case_accounts__case__seat_id"
    )

    class Meta:
        db_table = "payment_returns"
        verbose_name = _("returned payment")
        verbose_name_plural = _("returned payments")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "channel", "external_id"], name="payment_return_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_return_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class PaymentReference(models.Model):
    """A number given out to pay by: what comes under it is for this account."""

    class Kind(models.TextChoices):
        REFERENCE = "reference", _("reference")
        VIRTUAL_ACCOUNT = "virtual_account", _("virtual account")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=64, help_text=_("without spaces and joints"))
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, related_name="payment_references"
    )
    created_at = models.DateTimeField()

    objects = visible_manager(
        product_path="account__product_id", seat_path="account__case_accounts__case__seat_id"
    )

    class Meta:
        db_table = "payment_references"
        verbose_name = _("payment reference")
        verbose_name_plural = _("payment references")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "kind", "number"], name="payment_reference_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class PaymentPolicy(models.Model):
    """A creditor's payment policy from a day on; versions are never edited."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    valid_from = models.DateField(_("valid from"))
    body = models.JSONField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)

    objects = visible_manager()

    class Meta:
        db_table = "payment_policies"
        verbose_name = _("payment policy")
        verbose_name_plural = _("payment policies")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "valid_from"], name="payment_policy_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"payment policy from {self.valid_from}"
