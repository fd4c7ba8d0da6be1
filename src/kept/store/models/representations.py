"""Representations: who speaks for a debtor: attorney, executor, guardian, adviser."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kept.store.models.person_records import Recorded, ended_after, in_list, seen_by_debtor


class Representation(Recorded):
    """`related_person` is who represents; none while only that there is somebody is known.

    `is_certain` false: it was said, and nobody could make sure yet; a law takes it as so.
    """

    class Kind(models.TextChoices):
        ATTORNEY = "attorney", _("attorney")
        EXECUTOR = "executor", _("executor of the estate")
        GUARDIAN = "guardian", _("guardian")
        PARENT = "parent", _("parent of a minor")
        DEBT_ADVISER = "debt_adviser", _("debt adviser")
        AGENT = "agent", _("authorised agent")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    is_certain = models.BooleanField(_("certain"), default=True)
    is_reachable = models.BooleanField(_("can be reached"), default=False)
    allows_contact = models.BooleanField(_("allows contact with the debtor"), default=False)
    is_unresponsive = models.BooleanField(_("did not answer in reasonable time"), default=False)

    objects = seen_by_debtor()

    class Meta:
        db_table = "representations"
        verbose_name = _("representation")
        verbose_name_plural = _("representations")
        constraints = [
            in_list(
                "kind",
                "representation_kind_known",
                "attorney",
                "executor",
                "guardian",
                "parent",
                "debt_adviser",
                "agent",
            ),
            ended_after("representation_ended_after_begun"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
