"""Products and their terms: dated versions of buckets, allocation order, interest, authority."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.models.creditors import CODE, DateRange
from kept.store.visibility import WHOLE, visible_manager


class Product(models.Model):
    class DebtType(models.TextChoices):
        CREDIT_CARD = "credit_card", _("credit card")
        CONSUMER = "consumer", _("consumer credit")
        MORTGAGE = "mortgage", _("mortgage")
        STUDENT_LOAN = "student_loan", _("student loan")
        MEDICAL = "medical", _("medical")
        BUSINESS = "business", _("business")

    creditor_id: int
    creditor = models.ForeignKey(
        "store.Creditor",
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("creditor"),
    )
    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    debt_type = models.CharField(_("debt type"), max_length=16, choices=DebtType.choices)
    currency = models.CharField(_("currency"), max_length=3)

    objects = visible_manager(product_path="id", seat_path=WHOLE)

    class Meta:
        db_table = "products"
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["creditor", "code"], name="product_code_once"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="product_currency_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProductTerms(models.Model):
    """One dated version of a product's terms; versions never overlap and are never edited."""

    class Authority(models.TextChoices):
        CREDITOR = "creditor", _("the creditor's file holds the truth")
        KEPT = "kept", _("kept holds the truth")

    class Missing(models.TextChoices):
        STOP_AND_ASK = "stop_and_ask", _("stop contact and ask")
        LEAVE = "leave", _("leave as it is")

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="terms", verbose_name=_("product")
    )
    version = models.PositiveIntegerField(_("version"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    balance_authority = models.CharField(
        _("balance authority"), max_length=8, choices=Authority.choices
    )
    bucket_boundaries = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("bucket boundaries"),
        help_text=_("First day past due of each bucket, rising: 1,31,61,91"),
    )
    components = ArrayField(
        models.CharField(max_length=24),
        verbose_name=_("components"),
        help_text=_("principal, interest, fee, penalty, cost and the product's own"),
    )
    allocation_order = ArrayField(
        models.CharField(max_length=24), verbose_name=_("allocation order")
    )
    interest = models.JSONField(_("interest terms"), default=dict, blank=True)
    grace_days = models.PositiveIntegerField(_("grace days"), default=0)
    small_balance_minor = models.BigIntegerField(
        _("small balance"),
        default=0,
        help_text=_("minor units; below it dpd_above_threshold does not count"),
    )
    entry_dpd = models.IntegerField(
        _("entry at days past due"),
        default=-3,
        help_text=_("an account enters collection from this day on; negative: before the due date"),
    )
    missing_from_feed = models.CharField(
        _("missing from a full file"),
        max_length=16,
        choices=Missing.choices,
        default=Missing.STOP_AND_ASK,
    )
    allows_credit_balance = models.BooleanField(_("allows a credit balance"), default=False)

    objects = visible_manager("product__creditor_id", product_path="product_id", seat_path=WHOLE)

    class Meta:
        db_table = "product_terms"
        verbose_name = _("product terms")
        verbose_name_plural = _("product terms")
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="terms_version_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="terms_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(balance_authority__in=["creditor", "kept"]),
                name="terms_authority_known",
            ),
            models.CheckConstraint(
                condition=Q(small_balance_minor__gte=0), name="terms_small_balance_positive"
            ),
            ExclusionConstraint(
                name="terms_one_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} v{self.version} from {self.valid_from}"
