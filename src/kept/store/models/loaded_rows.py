"""Which row of which file became which record: the key under which a row is taken once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class LoadedRow(models.Model):
    """A row of attempts, stops, consents or facts about persons, by the creditor's own number.

    `intake_file` is the last file that named it. `row_hash` is keyed, with the data key of
    `key_number`: under another key two hashes cannot be compared.
    """

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    file_type = models.CharField(_("type"), max_length=16)
    external_id = models.CharField(_("number"), max_length=64)
    intake_file = models.ForeignKey(
        "store.IntakeFile", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="+")
    related_person = models.ForeignKey(
        "store.RelatedPerson", on_delete=models.PROTECT, null=True, related_name="+"
    )
    noun = models.CharField(max_length=16)
    record_id = models.BigIntegerField()
    is_ended = models.BooleanField(default=False)
    row_hash = models.BinaryField(max_length=16)
    key_number = models.SmallIntegerField()

    objects = visible_manager()

    class Meta:
        db_table = "loaded_rows"
        verbose_name = _("loaded row")
        verbose_name_plural = _("loaded rows")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "file_type", "external_id"], name="loaded_row_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_type} {self.external_id}"
