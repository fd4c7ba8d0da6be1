"""Tasks: human steps with a due time, dealt to seats; the worklist is a reading of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Task(models.Model):
    """What a night decided for a case, with the figures it saw on `business_date`.

    A task that is open and decided on again by the next night stays the same task with that
    night's figures: `run` and `business_date` are those of the last one, `reason` says since when.
    One without a run was made by day: a call-back that somebody asked for, at `wanted_at`.
    `lawful_from` is the first moment at which the law allowed the contact as the night saw it, null
    where nobody is contacted; at that moment its permit is judged anew.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    seat = models.ForeignKey(
        "store.Seat",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        db_index=False,
    )
    run = models.ForeignKey(
        "store.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    business_date = models.DateField(_("business date"))
    strategy = models.CharField(_("strategy"), max_length=64)
    treatment = models.CharField(_("treatment"), max_length=32)
    stage = models.CharField(_("stage"), max_length=16)
    channel = models.CharField(_("channel"), max_length=24)
    skill = models.CharField(_("skill"), max_length=32)
    minutes = models.PositiveIntegerField(_("minutes"))
    priority = models.BigIntegerField(_("priority"))
    due_at = models.DateTimeField(_("due"))
    lawful_from = models.DateTimeField(_("lawful from"), null=True, blank=True)
    wanted_at = models.DateTimeField(_("asked for at"), null=True, blank=True)
    escalates_at = models.DateTimeField(_("escalates"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.JSONField(_("reason"), default=dict)
    dpd = models.IntegerField(_("days past due"))
    bucket = models.SmallIntegerField(_("bucket"))
    balance_minor = models.BigIntegerField(_("balance"))
    overdue_minor = models.BigIntegerField(_("overdue"))
    currency = models.CharField(_("currency"), max_length=3)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="seat_id"
    )

    class Meta:
        db_table = "tasks"
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "business_date", "treatment"],
                condition=Q(run__isnull=False),
                name="task_once_a_night",
            ),
            models.CheckConstraint(
                condition=Q(run__isnull=False) | Q(wanted_at__isnull=False),
                name="task_of_a_night_or_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "cancelled", "expired"]),
                name="task_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["seat", "-priority", "id"], condition=Q(state="open"), name="task_by_seat"
            ),
            # The included columns are those that a worklist is filtered by: a filter that fits
            # few of a million tasks is answered from the index alone.
            models.Index(
                fields=["creditor", "-priority", "id"],
                include=["bucket", "dpd", "treatment", "stage", "due_at", "seat", "lawful_from"],
                condition=Q(state="open"),
                name="task_by_creditor",
            ),
            # Those that are not lawful yet, in the order in which they will be.
            models.Index(
                fields=["creditor", "lawful_from", "-priority", "id"],
                condition=Q(state="open"),
                name="task_by_lawful_time",
            ),
            models.Index(
                fields=["creditor", "state", "-id"],
                condition=~Q(state="open"),
                name="task_closed",
            ),
            models.Index(fields=["case"], condition=Q(state="open"), name="task_open_of_case"),
            models.Index(
                fields=["escalates_at"],
                condition=Q(state="open", escalated_at__isnull=True),
                name="task_to_escalate",
            ),
            models.Index(
                fields=["creditor", "escalated_at"],
                condition=Q(state="open", escalated_at__isnull=False),
                name="task_escalated",
            ),
            # Call-backs take minutes of a seat's day.
            models.Index(
                fields=["seat", "wanted_at"],
                condition=Q(state="open", run__isnull=True),
                name="task_asked_for",
            ),
            # What was carried out: nights ask for each case when a treatment was last done.
            models.Index(
                fields=["case", "treatment", "closed_at"],
                condition=Q(state="done"),
                name="task_done_of_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treatment} for case {self.case_id}"
