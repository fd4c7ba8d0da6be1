"""Seals: the heads of all chains in one Merkle root, night by night."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """One seal; while its leaves are still being taken it has no root (core/seals.py)."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    tree_size = models.BigIntegerField(_("chains"), null=True)
    root = models.BinaryField(max_length=32, null=True)
    seal_hash = models.BinaryField(max_length=32, null=True)
    document = models.TextField(default="")

    class Meta:
        db_table = "seals"
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [
            models.CheckConstraint(
                condition=Q(root__isnull=True, seal_hash__isnull=True, document="")
                | Q(root__isnull=False, seal_hash__isnull=False),
                name="seal_open_or_whole",
            )
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealLeaf(models.Model):
    """The head of a chain as a seal found it; a chain that stood still has no new one.

    The leaves of seal n are, for each chain, its newest leaf of a seal up to n.
    """

    pk = models.CompositePrimaryKey("chain_kind", "chain_id", "sequence")
    chain_kind = models.CharField(max_length=8)
    chain_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    seal = models.ForeignKey(
        Seal,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "seal_leaves"

    def __str__(self) -> str:
        return f"{self.chain_kind} {self.chain_id} at {self.sequence} in seal {self.seal_id}"
