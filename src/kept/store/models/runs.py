"""Runs: long work in stages and chunks that resume where they were ended."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Run(models.Model):
    """One run of one kind under one key: the same key again is the same run.

    `now` is fixed when the run starts and used again when it resumes, so that an ended and resumed
    run writes what an undisturbed one would have written.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        QUARANTINED = "quarantined", _("in quarantine")

    kind = models.CharField(_("kind"), max_length=16)
    key = models.CharField(_("key"), max_length=200)
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    actor = models.CharField(_("by"), max_length=150)
    now = models.DateTimeField(_("as at"))
    business_date = models.DateField(_("business date"), null=True, blank=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.RUNNING
    )
    stage = models.CharField(_("stage"), max_length=24, blank=True, default="")
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    message = models.TextField(_("message"), blank=True, default="")
    result = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "runs"
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="run_once"),
            models.CheckConstraint(
                condition=Q(state__in=["running", "waiting", "done", "failed", "quarantined"]),
                name="run_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class RunChunk(models.Model):
    """A finished piece of a stage: committed with its work, so it is done once."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    stage = models.CharField(max_length=24)
    chunk = models.IntegerField()
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "run_chunks"
        constraints = [
            models.UniqueConstraint(fields=["run", "stage", "chunk"], name="run_chunk_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage} {self.chunk}"
