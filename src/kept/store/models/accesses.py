"""Timed access of the house's staff to the data of one creditor, and what it was used for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class StaffAccess(models.Model):
    """A role at one creditor, with a reason, from an instant to another; it ends by itself."""

    user_id: int
    creditor_id: int
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="accesses",
        verbose_name=_("user"),
    )
    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.PROTECT,
        related_name="accesses",
        verbose_name=_("creditor"),
    )
    role = models.CharField(_("role"), max_length=32)
    reason = models.CharField(_("reason"), max_length=500)
    approval = models.OneToOneField(
        "store.Approval", on_delete=models.PROTECT, null=True, related_name="+"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    #: When its end was written down: at once when somebody ends it, else by the next sweep.
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True, default="")

    objects = visible_manager()

    class Meta:
        db_table = "staff_accesses"
        verbose_name = _("staff access")
        verbose_name_plural = _("staff accesses")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="staff_access_times_in_order"
            )
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=Q(closed_at__isnull=True), name="staff_access_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.creditor_id} until {self.ends_at}"


class StaffAccessUse(models.Model):
    """A case was opened by an access: the first time is written down."""

    access = models.ForeignKey(StaffAccess, on_delete=models.PROTECT, related_name="uses")
    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    objects = visible_manager("access__creditor_id")

    class Meta:
        db_table = "staff_access_uses"
        constraints = [
            models.UniqueConstraint(fields=["access", "case"], name="staff_access_use_once")
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} by access {self.access_id}"
