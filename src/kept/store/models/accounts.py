"""Accounts: one debt each, with its own ledger and one currency for life."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Account(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        MISSING = "missing", _("missing from the file")
        RECALLED = "recalled", _("recalled")
        CLOSED = "closed", _("closed")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    product = models.ForeignKey(
        "store.Product", on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="accounts")
    external_id = models.CharField(_("account number"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    original_amount_minor = models.BigIntegerField(_("original amount"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    state_since = models.DateField(_("since"))
    # What the last applied row of the creditor's file was, so that a row counts once and an
    # older version never overwrites a newer one (FILES.md §3, rule 9).
    row_version = models.BigIntegerField(null=True, blank=True)
    row_hash = models.BinaryField(max_length=16, null=True, blank=True)
    as_of = models.DateField(_("figures as of"), null=True, blank=True)
    intake_file = models.ForeignKey(
        "store.IntakeFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        db_index=False,
    )
    created_at = models.DateTimeField()

    objects = visible_manager(product_path="product_id", seat_path="case_accounts__case__seat_id")

    class Meta:
        db_table = "accounts"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "external_id"], name="account_external_id_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "missing", "recalled", "closed"]),
                name="account_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
