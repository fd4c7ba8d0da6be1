"""People who sign in, and which role each has: for what part of the book, from when to when."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Role


class User(AbstractUser):
    """A person who signs in. What they may do comes from `RoleGrant` only."""

    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined,misc]
        db_table = "users"
        swappable = "AUTH_USER_MODEL"

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """As Django's, over `sessions_ended` too: raising it ends every session of the person."""
        salt = "kept.store.models.User.session"
        value = f"{self.sessions_ended}:{self.password}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


class Limited(models.Model):
    """What a grant or key is limited to; limits narrow together, and none is no limit.

    A portfolio is a product of a creditor (docs/decisions/0011).
    """

    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("creditor"),
        help_text=_("none: all of them"),
    )
    product = models.ForeignKey(
        "store.Product",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("portfolio"),
        help_text=_("a product of the creditor; none: all of them"),
    )
    team = models.ForeignKey(
        "store.Team",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("only what is dealt to its seats"),
    )
    agency = models.ForeignKey(
        "store.LegalEntity",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
        help_text=_("only what is dealt to the seats of its teams, while it has a mandate"),
    )
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        abstract = True


class RoleGrant(Limited):
    """One role of one person within its limits, from an instant on and until another."""

    user_id: int
    creditor_id: int | None
    product_id: int | None
    team_id: int | None
    agency_id: int | None
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=32, choices=[(r.value, r.value) for r in Role])
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="", db_default="")
    may_pick = models.BooleanField(
        _("may choose cases"),
        default=False,
        db_default=False,
        help_text=_("works its own cases in any order, not the next one only"),
    )
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.CharField(_("by"), max_length=150, blank=True, default="", db_default="")

    class Meta:
        db_table = "role_grants"
        verbose_name = _("granted role")
        verbose_name_plural = _("granted roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "creditor", "product", "team", "agency"],
                name="role_grant_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role]), name="role_grant_role_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="role_grant_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(creditor__isnull=False),
                name="role_grant_portfolio_of_a_creditor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
