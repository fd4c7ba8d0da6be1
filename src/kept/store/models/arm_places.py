"""Where debtors stand among the arms of a stratified strategy: drawn once, kept for good."""

from django.db import models
from django.db.models import Q


class ArmPlace(models.Model):
    """A debtor's draw under a strategy, and the stratum in which it was made (`core/strata.py`)."""

    strategy = models.CharField(max_length=32)
    debtor = models.ForeignKey(
        "store.Debtor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stratum = models.CharField(max_length=250)
    draw = models.SmallIntegerField()
    placed_on = models.DateField()

    class Meta:
        db_table = "arm_places"
        constraints = [
            models.UniqueConstraint(fields=["debtor", "strategy"], name="arm_place_once"),
            models.CheckConstraint(
                condition=Q(draw__gte=0) & Q(draw__lt=10_000), name="arm_place_draw_known"
            ),
        ]
        indexes = [models.Index(fields=["strategy", "stratum"], name="arm_place_strata")]

    def __str__(self) -> str:
        return f"{self.strategy} {self.debtor_id}: {self.draw}"
