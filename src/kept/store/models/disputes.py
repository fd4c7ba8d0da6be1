"""Disputes and complaints: each with category, clock, hold, owner and closing answer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, in_list, seen_by_debtor


class Clocked(Recorded):
    """Due at a time, owned by somebody; what was said and what was answered are sealed together."""

    due_at = models.DateTimeField(_("due"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hold = models.ForeignKey(
        "store.Hold", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True


class Dispute(Clocked):
    """The debtor denies the debt or its amount, or asks who the first creditor was."""

    class Category(models.TextChoices):
        NOT_MINE = "not_mine", _("not my debt")
        PAID = "paid", _("already paid")
        AMOUNT = "amount", _("the amount is wrong")
        IDENTITY_THEFT = "identity_theft", _("identity theft")
        TIME_BARRED = "time_barred", _("the limitation period has run")
        CREDIT_REPORT = "credit_report", _("the credit report is wrong")
        FIRST_CREDITOR = "first_creditor", _("asks for the first creditor")
        OTHER = "other", _("other")

    class Answer(models.TextChoices):
        VERIFIED = "verified", _("the debt was verified")
        CORRECTED = "corrected", _("the debt was corrected")
        ACCEPTED = "accepted", _("the debtor was right")
        WITHDRAWN = "withdrawn", _("the debtor took it back")

    category = models.CharField(_("category"), max_length=16, choices=Category.choices)
    written = models.BooleanField(_("in writing"), default=False)
    answer = models.CharField(
        _("answer"), max_length=12, choices=Answer.choices, blank=True, default=""
    )

    objects = seen_by_debtor()

    class Meta:
        db_table = "disputes"
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            in_list(
                "category",
                "dispute_category_known",
                "not_mine",
                "paid",
                "amount",
                "identity_theft",
                "time_barred",
                "credit_report",
                "first_creditor",
                "other",
            ),
            ended_after("dispute_closed_after_received"),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("received_at")), name="dispute_due_after_received"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, answer="")
                | Q(
                    ended_at__isnull=False,
                    answer__in=["verified", "corrected", "accepted", "withdrawn"],
                ),
                name="dispute_closed_with_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="dispute_due")
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.pk}"


class Complaint(Clocked):
    """Somebody complains of how they were treated; its clock runs whatever else stands still."""

    class Category(models.TextChoices):
        CONDUCT = "conduct", _("words or manner")
        FREQUENCY = "frequency", _("too many contacts")
        TIMES = "times", _("at wrong times")
        THIRD_PARTY = "third_party", _("others were told or called")
        PRIVACY = "privacy", _("personal data")
        AMOUNT = "amount", _("amount or fees")
        IDENTITY = "identity", _("who called was not clear")
        SERVICE = "service", _("requests were not answered")
        OTHER = "other", _("other")

    class Answer(models.TextChoices):
        UPHELD = "upheld", _("upheld")
        PARTLY = "partly", _("upheld in part")
        REJECTED = "rejected", _("not upheld")
        WITHDRAWN = "withdrawn", _("taken back")

    category = models.CharField(_("category"), max_length=16, choices=Category.choices)
    medium = models.CharField(_("it came by"), max_length=24, blank=True, default="")
    answer = models.CharField(
        _("answer"), max_length=12, choices=Answer.choices, blank=True, default=""
    )

    objects = seen_by_debtor()

    class Meta:
        db_table = "complaints"
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            in_list(
                "category",
                "complaint_category_known",
                "conduct",
                "frequency",
                "times",
                "third_party",
                "privacy",
                "amount",
                "identity",
                "service",
                "other",
            ),
            ended_after("complaint_closed_after_received"),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("received_at")), name="complaint_due_after_received"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, answer="")
                | Q(
                    ended_at__isnull=False,
                    answer__in=["upheld", "partly", "rejected", "withdrawn"],
                ),
                name="complaint_closed_with_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(ended_at__isnull=True), name="complaint_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.pk}"
