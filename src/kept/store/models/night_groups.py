"""Groups of creditors whose books close at one time, so that their nights run together."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.capacities import RESOURCE
from kept.store.models.creditors import CODE


class NightGroup(models.Model):
    """Its nights may begin at `closes_at` on the clock of `zone`.

    A creditor in no group has its night at the house's time of day, in its own zone.
    """

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    zone = models.CharField(_("time zone"), max_length=64, help_text=_("for example Asia/Shanghai"))
    closes_at = models.TimeField(_("closing time"))

    class Meta:
        db_table = "night_groups"
        verbose_name = _("night group")
        verbose_name_plural = _("night groups")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9_-]{0,31}$"), name="night_group_code_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class NightGroupMember(models.Model):
    """A creditor of a group; each is in one at most."""

    group = models.ForeignKey(NightGroup, on_delete=models.CASCADE, related_name="members")
    creditor = models.OneToOneField(
        "store.Creditor", on_delete=models.PROTECT, related_name="night_group_member"
    )

    class Meta:
        db_table = "night_group_members"
        verbose_name = _("creditor of a night group")
        verbose_name_plural = _("creditors of night groups")

    def __str__(self) -> str:
        return f"{self.group_id}: {self.creditor_id}"


class NightGroupCapacity(models.Model):
    """What one night of the whole group may use of a resource, from a day until the next row's.

    Resources are those of `Capacity`; an amount that is null: no limit from that day on.
    """

    group = models.ForeignKey(NightGroup, on_delete=models.CASCADE, related_name="capacities")
    resource = models.CharField(_("resource"), max_length=32, validators=[RESOURCE])
    valid_from = models.DateField(_("valid from"))
    amount = models.BigIntegerField(
        _("amount a night"), null=True, blank=True, help_text=_("empty: no limit")
    )

    class Meta:
        db_table = "night_group_capacities"
        verbose_name = _("capacity of a night group")
        verbose_name_plural = _("capacities of night groups")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "resource", "valid_from"], name="group_capacity_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="group_capacity_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.amount} from {self.valid_from}"
