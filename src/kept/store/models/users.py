"""People who sign in, and which role each has for which creditors."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Role


class User(AbstractUser):
    """A person who signs in. What they may do comes from `RoleGrant` only."""

    language = models.CharField(_("language"), max_length=10, blank=True, default="")

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined,misc]
        db_table = "users"
        swappable = "AUTH_USER_MODEL"


class RoleGrant(models.Model):
    """One role of one person; without a creditor it holds for all of them."""

    user_id: int
    creditor_id: int | None
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=32, choices=[(r.value, r.value) for r in Role])
    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("creditor"),
        help_text=_("none: all of them"),
    )
    granted_at = models.DateTimeField(_("granted at"))

    class Meta:
        db_table = "role_grants"
        verbose_name = _("granted role")
        verbose_name_plural = _("granted roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "creditor"], name="role_grant_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[r.value for r in Role]), name="role_grant_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
