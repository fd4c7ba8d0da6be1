"""Teams and seats: who works, with which skills, when, and what a seat must not work.

How many minutes all that comes to on a day is `core/seats.py`.
"""

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
    """A working place. Without creditors listed it serves all of them.

    `shifts` are rows of [weekday (Monday 0), first minute, end minute] of the day; without any it
    works `minutes_per_day` on each day that its calendar works. Blocked with a reason: until that
    day, or until it is unblocked where no day is given.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        AGENCY = "agency", _("outside agency")
        AUTOMATIC = "automatic", _("automatic")

    class Block(models.TextChoices):
        TRAINING = "training", _("training is not done")
        COMPLAINT = "complaint", _("complaint")
        LEAVE = "leave", _("leave")
        OTHER = "other", _("other reason")

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
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind.choices, default="person", db_default="person"
    )
    legal_entity = models.ForeignKey(
        "store.LegalEntity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
    )
    grade = models.PositiveSmallIntegerField(
        _("highest grade"), default=1, db_default=1, help_text=_("of the cases it may take")
    )
    shifts = models.JSONField(_("shifts"), default=list, db_default=[], blank=True)
    calendar = models.CharField(
        _("calendar"),
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text=_("country whose holidays it keeps; empty: none"),
    )
    caseload_limit = models.PositiveIntegerField(
        _("most open cases"), null=True, blank=True, help_text=_("empty: no limit")
    )
    blocked_reason = models.CharField(
        _("blocked for"),
        max_length=10,
        choices=Block.choices,
        blank=True,
        default="",
        db_default="",
    )
    blocked_until = models.DateField(_("blocked until"), null=True, blank=True)

    class Meta:
        db_table = "seats"
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_per_day__lte=1440), name="seat_minutes_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["person", "agency", "automatic"]), name="seat_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(blocked_reason__in=["", "training", "complaint", "leave", "other"]),
                name="seat_block_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="agency") | Q(legal_entity__isnull=True),
                name="seat_company_of_agency",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SeatAbsence(models.Model):
    """Whole days on which a seat does not work, both included."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="absences")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=150)

    class Meta:
        db_table = "seat_absences"
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="seat_absence_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"


class SeatExtraTime(models.Model):
    """Minutes that a seat works on one day beyond its shifts; also on a day off."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="extra_times")
    on = models.DateField(_("day"))
    minutes = models.PositiveIntegerField(_("minutes"))
    reason = models.CharField(_("reason"), max_length=200)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=150)

    class Meta:
        db_table = "seat_extra_times"
        verbose_name = _("extra time")
        verbose_name_plural = _("extra times")
        constraints = [
            models.UniqueConstraint(fields=["seat", "on"], name="seat_extra_time_once_a_day"),
            models.CheckConstraint(condition=Q(minutes__lte=1440), name="seat_extra_within_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.on} +{self.minutes}"


class SeatConflict(models.Model):
    """A debtor that a seat must not work, at any creditor that knows the same person.

    The reason is one of a closed list: what is behind it is nobody's business here.
    """

    class Reason(models.TextChoices):
        RELATED = "related", _("related to the collector")
        COMPLAINT = "complaint", _("complained about the collector")
        INTEREST = "interest", _("other conflict of interest")

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="conflicts")
    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=150)

    class Meta:
        db_table = "seat_conflicts"
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = [
            models.UniqueConstraint(fields=["seat", "debtor"], name="seat_conflict_once"),
            models.CheckConstraint(
                condition=Q(reason__in=["related", "complaint", "interest"]),
                name="seat_conflict_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.seat_id} not debtor {self.debtor_id}"
