"""Circumstances of a person's life and debt that the law asks about; hardship and vulnerability."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, in_list, seen_by_debtor


class Circumstance(Recorded):
    """One fact, from `received_at` (when kept learned it) until it ends or `until_on` is over.

    `country` (ISO 3166), `region` (ISO 3166-2, or US-NYC) and `zone` say where a person lives or is
    now; `place` that they are at home or at work. `status` is that of a bankruptcy.
    """

    class Kind(models.TextChoices):
        RESIDENCE = "residence", _("lives here")
        PRESENT_PLACE = "present_place", _("is here now")
        DEATH = "death", _("has died")
        INCAPACITY = "incapacity", _("lacks full legal capacity")
        MINOR = "minor", _("is a minor")
        BANKRUPTCY = "bankruptcy", _("bankruptcy")
        IDENTITY_THEFT = "identity_theft", _("identity theft was reported")
        TIME_BARRED = "time_barred", _("the limitation period has run")
        REFUSES_TIME_BARRED = "refuses_time_barred", _("will not pay since it has run")
        ILLEGAL_DEBT = "illegal_debt", _("the debt is illegal")
        HOUSEHOLD_DEBT = "household_debt", _("the debt was used for the household")
        VALID_GUARANTEE = "valid_guarantee", _("the guarantee is valid")
        OFFERS_TO_PAY = "offers_to_pay", _("offers to pay for the debtor")
        LOCATION_AGAIN = "location_again", _("the earlier answer was wrong")

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DISCHARGED = "discharged", _("discharged")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=Status.choices, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    region = models.CharField(_("region"), max_length=6, blank=True, default="")
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    place = models.CharField(max_length=4, blank=True, default="")
    occurred_on = models.DateField(_("happened on"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = seen_by_debtor()

    class Meta:
        db_table = "circumstances"
        verbose_name = _("circumstance")
        verbose_name_plural = _("circumstances")
        constraints = [
            in_list(
                "kind",
                "circumstance_kind_known",
                "residence",
                "present_place",
                "death",
                "incapacity",
                "minor",
                "bankruptcy",
                "identity_theft",
                "time_barred",
                "refuses_time_barred",
                "illegal_debt",
                "household_debt",
                "valid_guarantee",
                "offers_to_pay",
                "location_again",
            ),
            ended_after("circumstance_ended_after_begun"),
            models.CheckConstraint(
                condition=Q(kind="bankruptcy", status__in=["pending", "discharged"])
                | (~Q(kind="bankruptcy") & Q(status="")),
                name="circumstance_status_of_bankruptcy",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["residence", "present_place"])
                    & (~Q(country="") | ~Q(zone="") | ~Q(place=""))
                )
                | (
                    ~Q(kind__in=["residence", "present_place"])
                    & Q(country="", region="", zone="", place="")
                ),
                name="circumstance_place_of_places",
            ),
            models.CheckConstraint(
                condition=Q(place__in=["", "home", "work"]), name="circumstance_place_known"
            ),
            models.CheckConstraint(
                condition=Q(region="") | Q(region__startswith=F("country")),
                name="circumstance_region_of_country",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Hardship(Recorded):
    """Documented relief for a debtor who cannot pay; an instalment plan may be breached."""

    class Kind(models.TextChoices):
        INCOME = "income", _("lost income")
        ILLNESS = "illness", _("illness or injury")
        DISASTER = "disaster", _("disaster")
        FAMILY = "family", _("family")
        INSTALMENT = "instalment", _("personal instalment plan")
        OTHER = "other", _("other")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    is_breached = models.BooleanField(_("breached"), default=False)

    objects = seen_by_debtor()

    class Meta:
        db_table = "hardships"
        verbose_name = _("hardship")
        verbose_name_plural = _("hardships")
        constraints = [
            in_list(
                "kind",
                "hardship_kind_known",
                "income",
                "illness",
                "disaster",
                "family",
                "instalment",
                "other",
            ),
            ended_after("hardship_ended_after_begun"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="hardship_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Vulnerability(Recorded):
    """Who may read more than that there is one is limited; evidence and treatment are sealed.

    The kind is sealed too: that somebody is ill is nothing for a column.
    """

    class Kind(models.TextChoices):
        HEALTH = "health", _("health")
        MIND = "mind", _("mental health")
        CAPACITY = "capacity", _("understanding")
        LIFE_EVENT = "life_event", _("life event")
        RESILIENCE = "resilience", _("money or strength to bear it")
        AGE = "age", _("age")
        ABUSE = "abuse", _("abuse by others")
        OTHER = "other", _("other")

    is_suspected = models.BooleanField(_("suspected"), default=False)
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)

    objects = seen_by_debtor()

    class Meta:
        db_table = "vulnerabilities"
        verbose_name = _("vulnerability")
        verbose_name_plural = _("vulnerabilities")
        constraints = [ended_after("vulnerability_ended_after_begun")]

    def __str__(self) -> str:
        return f"vulnerability {self.pk}"
