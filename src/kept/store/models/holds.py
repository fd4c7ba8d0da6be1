"""Holds: typed suspensions with a reason, an end, an author and what they stop."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Hold(models.Model):
    """Suspends named effects for a debtor (all their cases) or for one account."""

    class Reason(models.TextChoices):
        DECEASED = "deceased", _("deceased")
        BANKRUPT = "bankrupt", _("bankrupt")
        FRAUD = "fraud", _("fraud")
        DISPUTED = "disputed", _("disputed")
        COMPLAINT = "complaint", _("complaint")
        VULNERABLE = "vulnerable", _("vulnerable")
        LEGAL = "legal", _("legal")
        MISSING_DATA = "missing_data", _("missing data")

    class Effect(models.TextChoices):
        CONTACT = "contact", _("no contact")
        TREATMENT = "treatment", _("no treatment")
        ACCRUAL = "accrual", _("no accrual")
        DEALING = "dealing", _("no dealing")

    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="holds")
    account = models.ForeignKey(
        "store.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    effects = ArrayField(models.CharField(max_length=16), verbose_name=_("effects"))
    placed_at = models.DateTimeField(_("placed at"))
    placed_by = models.CharField(_("placed by"), max_length=150)
    note = models.TextField(_("note"), blank=True, default="")
    until = models.DateField(_("until"), null=True, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    released_by = models.CharField(max_length=150, blank=True, default="")
    release_reason = models.TextField(blank=True, default="")

    objects = visible_manager(
        "debtor__creditor_id",
        product_path="debtor__accounts__product_id",
        seat_path="debtor__cases__seat_id",
    )

    class Meta:
        db_table = "holds"
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "account", "reason"],
                condition=Q(released_at__isnull=True),
                name="hold_once_while_open",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "deceased",
                        "bankrupt",
                        "fraud",
                        "disputed",
                        "complaint",
                        "vulnerable",
                        "legal",
                        "missing_data",
                    ]
                ),
                name="hold_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(effects__contained_by=["contact", "treatment", "accrual", "dealing"])
                & Q(effects__len__gt=0),
                name="hold_effects_known",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("placed_at")),
                name="hold_released_after_placed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} from {self.placed_at}"
