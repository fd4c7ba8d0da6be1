"""Documents that were printed: what each was made of, where it lies, and whether it still holds."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kept.core.documents.kinds import DocumentKind
from kept.store.visibility import visible_manager

KIND_NAMES = {
    DocumentKind.DEMAND_LETTER: _("letter of demand"),
    DocumentKind.LAWYERS_LETTER: _("lawyer's letter"),
    DocumentKind.STATEMENT: _("statement of account"),
    DocumentKind.INSTALMENT_AGREEMENT: _("instalment agreement"),
    DocumentKind.SETTLEMENT_OFFER: _("settlement offer"),
    DocumentKind.SETTLEMENT_CONFIRMATION: _("confirmation of settlement"),
    DocumentKind.PROOF_OF_SETTLEMENT: _("proof of settlement"),
    DocumentKind.PAYMENT_RECEIPT: _("receipt of a payment"),
}


class Document(models.Model):
    """One printed paper, never changed: it can only be withdrawn.

    `text_label` and `layout` say by which words and which layout it was set, `data_hash` is the
    SHA-256 of everything that was filled in, `sha256` that of the PDF, which lies sealed at
    `stored_path` of the vault (empty once the person was erased). Of the code only its hash is
    kept. `figures_minor` are amounts by name, for lists: nothing personal is in a row.
    """

    class State(models.TextChoices):
        VALID = "valid", _("valid")
        WITHDRAWN = "withdrawn", _("withdrawn")

    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "store.Case", on_delete=models.PROTECT, related_name="documents", db_index=False
    )
    account = models.ForeignKey(
        "store.Account",
        on_delete=models.PROTECT,
        null=True,
        related_name="documents",
        verbose_name=_("account"),
    )
    debtor = models.ForeignKey("store.Debtor", on_delete=models.PROTECT, related_name="documents")
    legal_entity = models.ForeignKey(
        "store.LegalEntity",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("legal entity"),
    )
    kind = models.CharField(
        _("kind"), max_length=24, choices=[(kind.value, name) for kind, name in KIND_NAMES.items()]
    )
    language = models.CharField(_("language"), max_length=3)
    as_of = models.DateField(_("as of"))
    text_label = models.CharField(max_length=48)
    layout = models.PositiveSmallIntegerField()
    data_hash = models.BinaryField(max_length=32)
    sha256 = models.BinaryField(max_length=32)
    size_bytes = models.PositiveIntegerField()
    stored_path = models.CharField(max_length=160, blank=True, default="")
    code_hash = models.BinaryField(max_length=32, unique=True)
    figures_minor = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.VALID)
    printed_at = models.DateTimeField(_("printed"))
    printed_by = models.CharField(_("by"), max_length=150)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = visible_manager(
        product_path="case__case_accounts__account__product_id", seat_path="case__seat_id"
    )

    class Meta:
        db_table = "documents"
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in DocumentKind]),
                name="document_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state="valid", withdrawn_at__isnull=True)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="document_withdrawn_at_an_instant",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["proof_of_settlement", "statement_of_account"])
                | Q(account__isnull=False),
                name="document_of_an_account",
            ),
            models.CheckConstraint(
                condition=~Q(kind="lawyers_letter") | Q(legal_entity__isnull=False),
                name="document_lawyer_named",
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="document_of_case")]

    @property
    def number(self) -> str:
        """What is printed in its foot, and said on the telephone."""
        return f"KD-{self.pk:08d}"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
