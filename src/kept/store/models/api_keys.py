"""Keys of other programs: what each may do and where; only the hash of the secret is stored."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.users import Limited


class ApiKey(Limited):
    """`prefix` is the part of the token by which people recognise it."""

    creditor_id: int | None
    product_id: int | None
    team_id: int | None
    agency_id: int | None
    made_by_id: int | None
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=16, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    permissions = ArrayField(models.CharField(max_length=48), verbose_name=_("permissions"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    #: Written at most once an hour, so that a busy key does not write with every call.
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "api_keys"
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="api_key_name_once"
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(creditor__isnull=False),
                name="api_key_portfolio_of_a_creditor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
