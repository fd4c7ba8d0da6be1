"""The ledger: entries and their postings, append-only, and the moves between buckets.

A posting takes an amount out of one book and puts it into another, so every posting, every entry
and the whole ledger sum to zero by construction (docs/decisions/0004). It carries no currency: an
account has one for life, so currencies cannot mix.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Entry(models.Model):
    """One fact of money on one account; a correction is an entry that reverses another."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("opening balance")
        CHARGE = "charge", _("charge")
        ACCRUAL = "accrual", _("accrued interest and fees")
        PAYMENT = "payment", _("payment")
        WAIVER = "waiver", _("waiver")
        ADJUSTMENT = "adjustment", _("adjustment from the creditor's file")
        REDATE = "redate", _("due date changed")
        REVERSAL = "reversal", _("reversal")
        CHARGE_OFF = "charge_off", _("charge-off")
        SALE = "sale", _("sale")

    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("account"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    effective_on = models.DateField(_("effective on"))
    recorded_at = models.DateTimeField(_("recorded at"))
    actor = models.CharField(_("by"), max_length=150)
    reference = models.CharField(_("reference"), max_length=64, blank=True, default="")
    run = models.ForeignKey(
        "store.Run",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    objects = visible_manager(
        "account__creditor_id",
        product_path="account__product_id",
        seat_path="account__case_accounts__case__seat_id",
    )

    class Meta:
        db_table = "entries"
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="entry_reversal_names_its_entry",
            ),
            models.UniqueConstraint(
                fields=["account", "kind", "reference"],
                condition=~Q(reference=""),
                name="entry_reference_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Posting(models.Model):
    """An amount out of one book into another. The debtor owes what lies in `receivable`.

    On the receivable side `due_on` names the due amount that the posting makes or takes back;
    9999-12-31 is an amount that has no due date yet. Without `due_on` the posting is a credit (or
    takes one back) and pays the oldest due amount first. `effective_on` and `recorded_at` repeat
    the entry's, so that a figure as of any day is one pass over one table.
    """

    class Book(models.TextChoices):
        RECEIVABLE = "receivable", _("owed by the debtor")
        CREDITOR = "creditor", _("from the creditor's book")
        CASH = "cash", _("money received")
        UNEXPLAINED = "unexplained", _("fall without a known payment")
        INCOME = "income", _("charged by kept")
        ACCRUED = "accrued", _("accrued by terms")
        WAIVED = "waived", _("waived")
        REDATED = "redated", _("moved to another due date")
        CARRIED = "carried", _("carried by the creditor as worth")
        LOSS = "loss", _("charged off as a loss")
        SOLD = "sold", _("sold to another creditor")

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    component = models.CharField(_("component"), max_length=24)
    from_book = models.CharField(_("from"), max_length=12, choices=Book.choices)
    to_book = models.CharField(_("to"), max_length=12, choices=Book.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    effective_on = models.DateField(_("effective on"))
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = visible_manager(
        "account__creditor_id",
        product_path="account__product_id",
        seat_path="account__case_accounts__case__seat_id",
    )

    class Meta:
        db_table = "postings"
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="posting_positive"),
            models.CheckConstraint(
                condition=~Q(from_book=F("to_book")), name="posting_between_two_books"
            ),
            models.CheckConstraint(
                condition=Q(component__regex=r"^[a-z][a-z0-9_]{0,23}$"),
                name="posting_component_form",
            ),
        ]
        indexes = [models.Index(fields=["account", "effective_on"], name="posting_by_account")]

    def __str__(self) -> str:
        return f"{self.from_book} to {self.to_book} {self.amount_minor}"


class BucketMove(models.Model):
    """An account went from one bucket to another as of a day; the first move has no `from`."""

    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        related_name="bucket_moves",
        db_index=False,
        verbose_name=_("account"),
    )
    terms = models.ForeignKey(
        "store.ProductTerms", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    moved_on = models.DateField(_("moved on"))
    from_bucket = models.SmallIntegerField(_("from"), null=True, blank=True)
    to_bucket = models.SmallIntegerField(_("to"))
    dpd = models.IntegerField(_("days past due"))
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = visible_manager(
        "account__creditor_id",
        product_path="account__product_id",
        seat_path="account__case_accounts__case__seat_id",
    )

    class Meta:
        db_table = "bucket_moves"
        verbose_name = _("bucket move")
        verbose_name_plural = _("bucket moves")
        constraints = [
            models.UniqueConstraint(fields=["account", "moved_on"], name="bucket_move_once_a_day"),
            models.CheckConstraint(
                condition=Q(from_bucket__isnull=True) | ~Q(from_bucket=F("to_bucket")),
                name="bucket_move_moves",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.from_bucket} to {self.to_bucket}"
