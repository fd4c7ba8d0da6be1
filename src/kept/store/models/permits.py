"""Permits, what was refused, and presumptions that somebody released for one attempt.

A permit is the only way to an attempt that kept makes (`work/permits.py`). What a person is told
or sent is not stored here: `content_hash` is a keyed hash of the class of content that was judged.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


def _rows_of_cases() -> models.Manager[models.Model]:
    return visible_manager(
        "case__creditor_id",
        product_path="case__case_accounts__account__product_id",
        seat_path="case__seat_id",
    )


class PresumptionRelease(models.Model):
    """A presumption of violation that an entitled person released, for one attempt.

    `rule_ids` are the rules whose presumption is released; no other one is.
    """

    class Reason(models.TextChoices):
        REQUIRED_BY_LAW = "required_by_law", _("another law requires the contact")
        ACTIVE_LITIGATION = "active_litigation", _("litigation is under way")
        CONSUMER_REQUESTED_INFORMATION = (
            "consumer_requested_information",
            _("the person asked for information"),
        )
        TIME_CRITICAL_NOT_IN_COLLECTOR_CONTROL = (
            "time_critical_not_in_collector_control",
            _("it cannot wait, for a reason that the collector does not control"),
        )
        DROPPED_CALL = "dropped_call", _("the call before was cut off")

    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=24)
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rule_ids = ArrayField(models.CharField(max_length=80), verbose_name=_("rules"))
    reason = models.CharField(_("reason"), max_length=48, choices=Reason.choices)
    released_at = models.DateTimeField(_("released at"))
    released_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(_("holds until"))

    objects = _rows_of_cases()

    class Meta:
        db_table = "presumption_releases"
        verbose_name = _("released presumption")
        verbose_name_plural = _("released presumptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "required_by_law",
                        "active_litigation",
                        "consumer_requested_information",
                        "time_critical_not_in_collector_control",
                        "dropped_call",
                    ]
                ),
                name="presumption_release_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.channel}"


class ContactReview(models.Model):
    """Somebody entitled looked at all contacts with a person and let the next ones go on.

    It does the `duty` of a rule that asks for a person's review, until it expires.
    """

    case = models.ForeignKey("store.Case", on_delete=models.PROTECT, related_name="+")
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    duty = models.CharField(_("duty"), max_length=80)
    reviewed_at = models.DateTimeField(_("reviewed at"))
    reviewed_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(_("holds until"))

    objects = _rows_of_cases()

    class Meta:
        db_table = "contact_reviews"
        verbose_name = _("review of contacts")
        verbose_name_plural = _("reviews of contacts")
        indexes = [models.Index(fields=["case", "expires_at"], name="contact_review_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.duty}"


class Permit(models.Model):
    """The right to make one attempt. Its attempt is (`used_at`, `attempt_id`).

    `text_label` names the version of the script or template that is said or sent, where one is.
    `expires_at` is a whole minute, the first at which it cannot be used any more. `duties` are the
    steps that the verdict asked for and the caller named as done.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", _("reserved")
        USED = "used", _("used, without an outcome")
        SETTLED = "settled", _("settled")
        RELEASED = "released", _("given back")
        EXPIRED = "expired", _("expired unused")

    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="permits", db_index=False
    )
    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    related_person = models.ForeignKey(
        "store.RelatedPerson",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    contact_point = models.ForeignKey(
        "store.ContactPoint", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    legal_entity = models.ForeignKey(
        "store.LegalEntity", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    seat = models.ForeignKey(
        "store.Seat", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    presumption_release = models.ForeignKey(
        PresumptionRelease,
        on_delete=models.PROTECT,
        null=True,
        related_name="permits",
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=24)
    purpose = models.CharField(_("purpose"), max_length=48)
    account_ids = ArrayField(models.BigIntegerField())
    content_hash = models.BinaryField(max_length=16)
    text_label = models.CharField(_("text"), max_length=48, blank=True, default="", db_default="")
    duties = ArrayField(models.CharField(max_length=80), default=list, verbose_name=_("duties"))
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.RESERVED
    )
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(_("holds until"))
    used_at = models.DateTimeField(_("used at"), null=True)
    attempt_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=32, blank=True, default="")
    overdue_at = models.DateTimeField(_("outcome missed since"), null=True)

    objects = _rows_of_cases()

    class Meta:
        db_table = "permits"
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "used", "settled", "released", "expired"]),
                name="permit_state_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["used", "settled"],
                    used_at__isnull=False,
                    attempt_id__isnull=False,
                    used_at__lt=F("expires_at"),
                )
                | Q(
                    state__in=["reserved", "released", "expired"],
                    used_at__isnull=True,
                    attempt_id__isnull=True,
                ),
                name="permit_has_attempt_when_used",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["settled", "released", "expired"])
                ^ Q(ended_at__isnull=True),
                name="permit_ended_when_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="settled") ^ Q(outcome=""), name="permit_outcome_when_settled"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="permit_holds_for_a_time"
            ),
            models.UniqueConstraint(
                fields=["presumption_release"],
                condition=Q(state__in=["reserved", "used", "settled"]),
                name="permit_release_for_one_attempt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["debtor"], condition=Q(state="reserved"), name="permit_open_by_debtor"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(state="reserved"), name="permit_open_by_end"
            ),
            models.Index(fields=["used_at"], condition=Q(state="used"), name="permit_unsettled"),
            models.Index(fields=["case", "-issued_at"], name="permit_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.issued_at}"


class PermitRefusal(models.Model):
    """A contact that was asked for and not permitted; the event of the case says the same.

    `rule_id` is the deciding rule, `lawful_from` the next lawful minute, null for never. `permit`
    is set where a permit was refused at the minute it was to leave.
    """

    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    related_person = models.ForeignKey(
        "store.RelatedPerson",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    permit = models.ForeignKey(
        Permit, on_delete=models.PROTECT, null=True, related_name="refusals", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=24)
    outcome = models.CharField(_("verdict"), max_length=8)
    rule_id = models.CharField(_("rule"), max_length=80)
    rule_ids = ArrayField(models.CharField(max_length=80))
    missing = ArrayField(models.CharField(max_length=80), default=list, verbose_name=_("duties"))
    lawful_from = models.DateTimeField(_("lawful from"), null=True)
    has_place = models.BooleanField(default=True)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.CharField(max_length=150)

    objects = _rows_of_cases()

    class Meta:
        db_table = "permit_refusals"
        verbose_name = _("refused contact")
        verbose_name_plural = _("refused contacts")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["deny", "require", "hold"]),
                name="permit_refusal_outcome_known",
            ),
        ]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="permit_refusal_by_time"),
            models.Index(fields=["case", "-asked_at"], name="permit_refusal_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.asked_at}"
