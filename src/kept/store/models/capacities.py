"""Capacities: of what else than minutes of seats a creditor's night may spend only so much."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager

RESOURCE = RegexValidator(
    r"^[a-z][a-z0-9_]{0,31}$", _("Use small letters, digits and _, at most 32, a letter first.")
)


class Capacity(models.Model):
    """How much of a resource one night may use, from a day until the next row's day.

    `letters` and `visits` are counted, `budget` is in minor units of the creditor's currency; other
    resources count what their name says. An amount that is null: no limit from that day on.
    """

    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.PROTECT,
        related_name="capacities",
        verbose_name=_("creditor"),
    )
    resource = models.CharField(_("resource"), max_length=32, validators=[RESOURCE])
    valid_from = models.DateField(_("valid from"))
    amount = models.BigIntegerField(
        _("amount a night"), null=True, blank=True, help_text=_("empty: no limit")
    )

    objects = visible_manager()

    class Meta:
        db_table = "capacities"
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "resource", "valid_from"], name="capacity_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="capacity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(resource__regex=r"^[a-z][a-z0-9_]{0,31}$"),
                name="capacity_resource_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.amount} from {self.valid_from}"
