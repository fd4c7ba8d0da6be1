"""The day: which cases are to be decided again, since something happened to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class CaseToDecide(models.Model):
    """A case that waits to be decided again; one row, however often it was written to.

    `version` rises with every write, so that a decision takes away only what it has seen.
    `due_at` lies ahead while somebody has the case in hand. Of those asked for at once the lowest
    `priority` comes first. `tries` counts decisions that did not end.
    """

    case = models.OneToOneField(
        "store.Case", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    cause = models.CharField(_("cause"), max_length=16)
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    priority = models.BigIntegerField(_("priority"), default=0)
    version = models.BigIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "cases_to_decide"
        verbose_name = _("case to be decided again")
        verbose_name_plural = _("cases to be decided again")
        indexes = [models.Index(fields=["creditor", "due_at"], name="to_decide_by_creditor")]

    def __str__(self) -> str:
        return f"case {self.case_id}: {self.cause}"
