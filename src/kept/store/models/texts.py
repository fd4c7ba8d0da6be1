"""Scripts, templates and guides written in the house: their versions, and what was done to each."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kept.store.models.creditors import Creditor, DateRange
from kept.store.models.strategies import STRATEGY_CODE, StrategyStep

TEXT_LANGUAGE = RegexValidator(
    r"^[a-z]{2,3}$", _("Write a language as two or three small letters, such as en or zh.")
)


class TextVersion(models.Model):
    """One version of a text in one language, for the whole house or for one creditor.

    Nothing of what was in force is ever changed or deleted. `revision` counts the saves of a draft:
    who saves names the one they began with. The days are those on which it held, or holds, or will:
    only what is or was in force has them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("in review")
        APPROVED = "approved", _("approved")
        IN_FORCE = "in_force", _("in force")
        RETIRED = "retired", _("retired")

    class Kind(models.TextChoices):
        SCRIPT = "script", _("script, spoken")
        TEMPLATE = "template", _("template, sent as it is")
        GUIDE = "guide", _("guide, read at the desk")

    creditor = models.ForeignKey(
        Creditor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="text_versions",
        verbose_name=_("creditor"),
    )
    code = models.CharField(_("code"), max_length=32, validators=[STRATEGY_CODE])
    language = models.CharField(_("language"), max_length=3, validators=[TEXT_LANGUAGE])
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=24)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    body = models.TextField(_("text"), blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    #: The last day for which it was put in force; a successor that begins sooner ends it sooner.
    planned_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "text_versions"
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "language", "version"], name="text_version_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "review", "approved", "in_force", "retired"]),
                name="text_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="script", channel__in=["call", "field_visit"])
                | Q(kind="template", channel__in=["sms", "email", "letter"])
                | Q(kind="guide", channel="desk"),
                name="text_channel_of_kind",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(state__in=["in_force", "retired"]),
                name="text_days_once_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(valid_from__isnull=False),
                name="text_in_force_has_days",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="text_days_in_order",
            ),
            ExclusionConstraint(
                name="text_one_at_a_time",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    ("language", RangeOperators.EQUAL),
                    (Func(F("creditor"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(valid_from__isnull=False),
            ),
        ]

    @property
    def label(self) -> str:
        return f"{self.code}:{self.language}:{self.version}"

    def __str__(self) -> str:
        return self.label


class TextStep(models.Model):
    """What somebody did to a version, and when; of a save also the whole body, so none is lost."""

    text_version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=StrategyStep.Kind.choices)
    recorded_at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")
    body = models.TextField(blank=True, default="")

    class Meta:
        db_table = "text_steps"
        indexes = [models.Index(fields=["text_version", "id"], name="text_step_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.text_version_id}"
