"""Consents: what a person allowed, to whom directly, from when to when, and when it was revoked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, in_list, seen_by_debtor


class Consent(Recorded):
    """`directly_to` is the company to which it was said: to another one it is nothing.

    `windows` are rows of (weekdays as bits, Monday the lowest; minute of the local day it opens;
    minute it closes). `ended_at` is the moment of revocation.
    """

    class Kind(models.TextChoices):
        TIMES = "times", _("contact at times that are otherwise closed")
        MORE_CALLS = "more_calls", _("more calls than the law's number")
        ADDRESS = "address", _("use of this address")
        MACHINE = "machine", _("prerecorded, artificial voice or dialled by a machine")
        AGREED_TIMES = "agreed_times", _("times agreed by both sides")
        AGREED_FREQUENCY = "agreed_frequency", _("a frequency agreed by both sides")
        ONLY_TIME = "only_time", _("no other time is convenient")
        COURT = "court", _("a court's permission")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    directly_to = models.ForeignKey(
        "store.LegalEntity", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(_("channel"), max_length=24, blank=True, default="")
    contact_point = models.ForeignKey(
        "store.ContactPoint", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    windows = models.JSONField(default=list, blank=True)
    only_on = ArrayField(models.DateField(), default=list, blank=True)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    given_while_inconvenient = models.BooleanField(default=False)

    objects = seen_by_debtor()

    class Meta:
        db_table = "consents"
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            in_list(
                "kind",
                "consent_kind_known",
                "times",
                "more_calls",
                "address",
                "machine",
                "agreed_times",
                "agreed_frequency",
                "only_time",
                "court",
            ),
            ended_after("consent_revoked_after_given"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("received_at")),
                name="consent_until_after_given",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["times", "more_calls", "address", "machine"])
                | Q(directly_to__isnull=False),
                name="consent_says_to_whom",
            ),
            models.CheckConstraint(
                condition=~Q(kind="address") | Q(contact_point__isnull=False),
                name="consent_names_its_address",
            ),
            models.CheckConstraint(
                condition=~Q(kind="agreed_times") | ~Q(windows=[]), name="consent_names_its_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
