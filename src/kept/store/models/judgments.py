"""Judgments over accounts: the day from which interest follows the judgment."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Judgment(models.Model):
    """A court decided over the debt; withdrawn when it was recorded in error or set aside."""

    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        related_name="judgments",
        verbose_name=_("account"),
    )
    judged_on = models.DateField(_("judged on"))
    reference = models.CharField(_("reference"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="")

    objects = visible_manager(
        "account__creditor_id",
        product_path="account__product_id",
        seat_path="account__case_accounts__case__seat_id",
    )

    class Meta:
        db_table = "judgments"
        verbose_name = _("judgment")
        verbose_name_plural = _("judgments")
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(withdrawn_at__isnull=True),
                name="judgment_once_on_an_account",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("recorded_at")),
                name="judgment_withdrawn_after_recorded",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} judged on {self.judged_on}"
