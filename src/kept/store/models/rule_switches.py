"""Switches: what a compliance officer decided about single rules of law, with the reason."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RuleSwitch(models.Model):
    """The decision about a rule as it stands; how it came to be is in the events of the house."""

    class State(models.TextChoices):
        ON = "on", _("in force")
        WARN = "warn", _("warns only")
        OFF = "off", _("switched off")

    rule_id = models.CharField(_("rule"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=4, choices=State.choices)
    reason = models.TextField(_("reason"))
    switched_at = models.DateTimeField(_("since"))
    switched_by = models.CharField(max_length=150)

    class Meta:
        db_table = "rule_switches"
        verbose_name = _("rule switch")
        verbose_name_plural = _("rule switches")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["on", "warn", "off"]), name="rule_switch_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rule_switch_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.state}"
