"""Files received from a creditor, and every error of every row refused."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class IntakeFile(models.Model):
    """One file by its identity (creditor, type, file id) and the SHA-256 of its bytes."""

    class Coverage(models.TextChoices):
        FULL = "full", _("all accounts")
        CHANGES = "changes", _("changes only")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKED = "checked", _("checked")
        PROFILED = "profiled", _("profiled")
        APPLIED = "applied", _("applied")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        WAITING = "waiting", _("waiting for an earlier file")
        QUARANTINED = "quarantined", _("in quarantine")
        SKIPPED = "skipped", _("skipped by a person")
        DRY_RUN = "dry_run", _("tried only")

    run = models.OneToOneField("store.Run", on_delete=models.PROTECT, related_name="intake_file")
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="intake_files"
    )
    file_type = models.CharField(_("type"), max_length=16, default="accounts")
    file_id = models.CharField(_("file id"), max_length=128)
    name = models.CharField(_("name"), max_length=255)
    sha256 = models.BinaryField(max_length=32)
    size_bytes = models.BigIntegerField(_("size"))
    sequence = models.BigIntegerField(_("sequence"), null=True, blank=True)
    produced_at = models.DateTimeField(_("produced at"), null=True, blank=True)
    as_of = models.DateField(_("figures as of"))
    coverage = models.CharField(_("coverage"), max_length=8, choices=Coverage.choices)
    map_name = models.CharField(_("map"), max_length=255)
    map_text = models.TextField()
    stored_path = models.CharField(max_length=500)
    received_at = models.DateTimeField(_("received at"))
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.RECEIVED
    )
    quarantine_code = models.CharField(max_length=48, blank=True, default="")
    quarantine_detail = models.JSONField(default=dict)
    control = models.JSONField(default=dict, help_text=_("totals declared with the file"))
    counts = models.JSONField(default=dict)
    profile = models.JSONField(default=dict)
    acknowledgement = models.JSONField(default=dict)

    objects = visible_manager()

    class Meta:
        db_table = "intake_files"
        verbose_name = _("intake file")
        verbose_name_plural = _("intake files")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "file_type", "file_id"],
                condition=~Q(state="dry_run"),
                name="intake_file_once",
            ),
            models.UniqueConstraint(
                fields=["creditor", "file_type", "sequence"],
                condition=Q(sequence__isnull=False) & ~Q(state__in=["dry_run", "quarantined"]),
                name="intake_sequence_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_type} {self.file_id}"


class IntakeReject(models.Model):
    """One error of one row; the refused value is encrypted, since it may be personal."""

    class Severity(models.TextChoices):
        REJECT = "reject", _("row not taken")
        WARNING = "warning", _("row taken without the value")

    intake_file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="rejects")
    line_no = models.BigIntegerField(_("line"))
    external_id = models.CharField(_("account number"), max_length=200, blank=True, default="")
    field = models.CharField(_("field"), max_length=64)
    code = models.CharField(_("code"), max_length=48)
    severity = models.CharField(
        _("severity"), max_length=8, choices=Severity.choices, default=Severity.REJECT
    )
    detail = models.JSONField(default=dict)
    value_cipher = models.BinaryField(null=True)

    objects = visible_manager("intake_file__creditor_id")

    class Meta:
        db_table = "intake_rejects"
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        indexes = [models.Index(fields=["intake_file", "line_no"], name="reject_by_line")]

    def __str__(self) -> str:
        return f"line {self.line_no}: {self.code}"
