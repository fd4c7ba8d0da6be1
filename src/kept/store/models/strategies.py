"""Strategies written in the house: their versions, what was done to each, and who uses which."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.creditors import Creditor, DateRange
from kept.store.visibility import WHOLE, visible_manager

STRATEGY_CODE = RegexValidator(
    r"^[a-z][a-z0-9_]{0,31}$", _("Use small letters, digits and _, a letter first; at most 32.")
)


class StrategyVersion(models.Model):
    """One version as its text. Nothing of what was in force is ever changed or deleted.

    `revision` counts the saves of a draft: who saves names the one they began with. The days are
    those on which it held, or holds, or will: only what is or was in force has them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("in review")
        APPROVED = "approved", _("approved")
        IN_FORCE = "in_force", _("in force")
        RETIRED = "retired", _("retired")

    code = models.CharField(_("code"), max_length=32, validators=[STRATEGY_CODE])
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    text = models.TextField(_("text"))
    revision = models.PositiveIntegerField(default=1)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "strategy_versions"
        verbose_name = _("strategy version")
        verbose_name_plural = _("strategy versions")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="strategy_version_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "review", "approved", "in_force", "retired"]),
                name="strategy_state_known",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(state__in=["in_force", "retired"]),
                name="strategy_days_once_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(valid_from__isnull=False),
                name="strategy_in_force_has_days",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="strategy_days_in_order",
            ),
            ExclusionConstraint(
                name="strategy_one_at_a_time",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(valid_from__isnull=False),
            ),
        ]

    @property
    def label(self) -> str:
        return f"{self.code}:{self.version}"

    def __str__(self) -> str:
        return self.label


class StrategyStep(models.Model):
    """What somebody did to a version, and when; of a save also the whole text, so none is lost."""

    class Kind(models.TextChoices):
        DRAFT = "draft", _("drafted")
        CHANGE = "change", _("changed")
        SUBMIT = "submit", _("submitted")
        APPROVE = "approve", _("approved")
        REJECT = "reject", _("sent back")
        FORCE = "force", _("put in force")
        REPLACE = "replace", _("replaced")
        RETIRE = "retire", _("retired")

    strategy_version = models.ForeignKey(
        StrategyVersion, on_delete=models.PROTECT, related_name="steps"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    recorded_at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")

    class Meta:
        db_table = "strategy_steps"
        indexes = [models.Index(fields=["strategy_version", "id"], name="strategy_step_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.strategy_version_id}"


class StrategyUse(models.Model):
    """From this day a creditor's book is worked by the strategy of this code."""

    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="strategy_uses")
    code = models.CharField(_("strategy"), max_length=32, validators=[STRATEGY_CODE])
    from_on = models.DateField(_("from"))
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")

    objects = visible_manager(product_path=WHOLE, seat_path=WHOLE)

    class Meta:
        db_table = "strategy_uses"
        constraints = [
            models.UniqueConstraint(fields=["creditor", "from_on"], name="strategy_use_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} uses {self.code} from {self.from_on}"
