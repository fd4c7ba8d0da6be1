"""Teams and seats: who works, with which skills, for how many minutes a day."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_entity = models.ForeignKey(
        "store.LegalEntity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="teams",
        verbose_name=_("legal entity"),
        help_text=_("whose people they are; none: the house's own"),
    )

    class Meta:
        db_table = "teams"
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A working place. Without creditors listed it serves all of them."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="seats", verbose_name=_("team")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="seat",
        verbose_name=_("user"),
    )
    skills = ArrayField(models.CharField(max_length=32), verbose_name=_("skills"))
    languages = ArrayField(
        models.CharField(max_length=10),
        default=list,
        blank=True,
        verbose_name=_("languages"),
        help_text=_("empty: any"),
    )
    creditors = models.ManyToManyField(
        "store.Creditor",
        blank=True,
        related_name="seats",
        verbose_name=_("creditors"),
        help_text=_("none: all of them"),
    )
    minutes_per_day = models.PositiveIntegerField(_("minutes a day"), default=420)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        db_table = "seats"
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_per_day__lte=1440), name="seat_minutes_within_a_day"
            )
        ]

    def __str__(self) -> str:
        return self.code
