"""Stops: what a person or an employer asked not to be done, and what pauses contact for a time."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, in_list, seen_by_debtor


class Stop(Recorded):
    """Receipt decides, not the day it was written. A stop holds for the person at every creditor.

    Of an opt-out, no `channel` is every channel, no `contact_point` every address. `windows` are as
    those of a consent. `from_on` and `until_on` are local days, both included. `accepted` is that
    the house takes written notices by the medium they came in.
    """

    class Kind(models.TextChoices):
        OPT_OUT = "opt_out", _("opt-out")
        CEASE_REQUEST = "cease_request", _("cease request in writing")
        INCONVENIENT_TIMES = "inconvenient_times", _("inconvenient times")
        INCONVENIENT_PLACE = "inconvenient_place", _("inconvenient place")
        REASONABLE_TIMES = "reasonable_times", _("times that the person asked for")
        EMPLOYER = "employer", _("the employer forbids contact at work")
        REFUSAL = "refusal", _("refused further contact, by word of mouth")
        BREATHING_SPACE = "breathing_space", _("breathing space")
        SENSITIVE_OCCASION = "sensitive_occasion", _("grief, calamity or feast")

    class Place(models.TextChoices):
        HOME = "home", _("home")
        WORK = "work", _("work")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=24, blank=True, default="")
    contact_point = models.ForeignKey(
        "store.ContactPoint", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    medium = models.CharField(_("it came by"), max_length=24, blank=True, default="")
    accepted = models.BooleanField(default=True)
    place = models.CharField(
        _("place"), max_length=4, choices=Place.choices, blank=True, default=""
    )
    windows = models.JSONField(default=list, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = seen_by_debtor()

    class Meta:
        db_table = "stops"
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        constraints = [
            in_list(
                "kind",
                "stop_kind_known",
                "opt_out",
                "cease_request",
                "inconvenient_times",
                "inconvenient_place",
                "reasonable_times",
                "employer",
                "refusal",
                "breathing_space",
                "sensitive_occasion",
            ),
            ended_after("stop_withdrawn_after_received"),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True)
                | Q(until_on__isnull=True)
                | Q(until_on__gte=F("from_on")),
                name="stop_days_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["inconvenient_times", "reasonable_times"]) | ~Q(windows=[]),
                name="stop_names_its_times",
            ),
            models.CheckConstraint(
                condition=Q(kind="inconvenient_place", place__in=["home", "work"])
                | (~Q(kind="inconvenient_place") & Q(place="")),
                name="stop_names_its_place",
            ),
            models.CheckConstraint(
                condition=~Q(kind="breathing_space")
                | Q(from_on__isnull=False, until_on__isnull=False),
                name="stop_breathing_space_ends",
            ),
            models.CheckConstraint(
                condition=~Q(kind="cease_request") | ~Q(medium=""), name="stop_cease_has_medium"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
