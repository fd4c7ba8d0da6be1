"""Cases: one debtor's accounts under collection for one creditor."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Case(models.Model):
    """Opens when an account enters, gathers the debtor's others, closes when all have left."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    seat = models.ForeignKey(
        "store.Seat", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    # Since when it lies with its seat; null where that began before it was written down.
    dealt_on = models.DateField(_("dealt on"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=16, blank=True, default="")
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.CharField(_("close reason"), max_length=24, blank=True, default="")
    created_at = models.DateTimeField()

    objects = visible_manager(
        product_path="case_accounts__account__product_id", seat_path="seat_id"
    )

    class Meta:
        db_table = "cases"
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["debtor"], condition=Q(closed_on__isnull=True), name="case_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="case_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, close_reason="")
                | (Q(closed_on__isnull=False) & ~Q(close_reason="")),
                name="case_closed_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["debtor", "-id"], name="case_by_debtor"),
            models.Index(
                fields=["creditor", "id"], condition=Q(closed_on__isnull=True), name="case_open"
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseAccount(models.Model):
    """An account's stay in a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_accounts")
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, related_name="case_accounts", db_index=False
    )
    entered_on = models.DateField(_("entered on"))
    # Came along with another account: it leaves with the case and does not keep it open.
    gathered = models.BooleanField(_("gathered"), default=False, db_default=False)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leave_reason = models.CharField(_("leave reason"), max_length=24, blank=True, default="")

    objects = visible_manager(
        "case__creditor_id", product_path="account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "case_accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(left_on__isnull=True), name="account_in_one_case"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
                name="case_account_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} in case {self.case_id}"
