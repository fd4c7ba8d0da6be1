"""What was done on a case by day, and how the work kept to its time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class FollowUp(models.Model):
    """A record of what was done and what is next. Its words are in its event, sealed with the
    person's key; `next_at` is when the debtor asked to be called."""

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="follow_ups", db_index=False
    )
    seat = models.ForeignKey(
        "store.Seat", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    task = models.ForeignKey(
        "store.Task", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=150)
    next_at = models.DateTimeField(_("next"), null=True, blank=True)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "follow_ups"
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [models.Index(fields=["case", "-id"], name="follow_up_of_case")]

    def __str__(self) -> str:
        return f"follow-up {self.pk} of case {self.case_id}"


class WorkCount(models.Model):
    """How many tasks of a treatment a seat did in time, late or not at all on a creditor's day.

    Counted as it happens. `batch` is the run that counted, 0 by day, so that a night and a person
    never wait for each other; who reads adds up.
    """

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    day = models.DateField(_("day"))
    seat = models.ForeignKey(
        "store.Seat", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        "store.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    treatment = models.CharField(_("treatment"), max_length=32, blank=True, default="")
    batch = models.BigIntegerField(default=0)
    done_in_time = models.IntegerField(_("done in time"), default=0)
    done_late = models.IntegerField(_("done late"), default=0)
    lapsed = models.IntegerField(_("lapsed"), default=0)
    cancelled = models.IntegerField(_("cancelled"), default=0)
    follow_ups = models.IntegerField(_("follow-ups"), default=0)

    objects = visible_manager(seat_path="seat_id")

    class Meta:
        db_table = "work_counts"
        verbose_name = _("count of work")
        verbose_name_plural = _("counts of work")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "day", "seat", "team", "treatment", "batch"],
                name="work_count_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.treatment} on {self.day}"
