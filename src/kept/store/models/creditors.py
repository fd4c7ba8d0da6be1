"""Creditors, the companies that act for them, and under which mandate (DESIGN.md 3.12)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import WHOLE, visible_manager

CODE = RegexValidator(
    r"^[A-Z0-9][A-Z0-9_-]{0,31}$", _("Use capital letters, digits, - and _; at most 32.")
)


class DateRange(Func):
    """`daterange(from, to, '[]')`: both ends included, no end means for ever."""

    function = "daterange"

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), Value("[]"))


class Creditor(models.Model):
    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166, two letters"))
    zone = models.CharField(_("time zone"), max_length=64, help_text=_("for example Asia/Shanghai"))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217"))
    calendar = models.CharField(
        _("calendar"), max_length=32, blank=True, help_text=_("business days; a file of packs")
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    phone = models.CharField(
        _("telephone for debtors"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("the number that texts tell debtors to call"),
    )
    needs_access = models.BooleanField(
        _("closed to staff"),
        default=False,
        db_default=False,
        help_text=_("roles for all creditors do not hold here: staff ask for timed access"),
    )
    # The day from which kept makes the contacts, and the first day of which all are known: by
    # history that was loaded, or by a compliance officer's word that there were none before.
    cut_over_on = models.DateField(
        _("cut-over"),
        null=True,
        blank=True,
        help_text=_("the day from which kept makes the contacts; earlier ones are unknown to caps"),
    )
    complete_from = models.DateField(_("history is complete from"), null=True, blank=True)
    no_history_before = models.BooleanField(
        _("no contacts before"), default=False, db_default=False
    )

    objects = visible_manager("id", product_path=WHOLE, seat_path=WHOLE)

    class Meta:
        db_table = "creditors"
        verbose_name = _("creditor")
        verbose_name_plural = _("creditors")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9_-]{0,31}$"), name="creditor_code_form"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="creditor_currency_form"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="creditor_country_form"
            ),
            models.CheckConstraint(
                condition=Q(complete_from__isnull=True) | Q(complete_from__lte=F("cut_over_on")),
                name="creditor_history_ends_at_cut_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class LegalEntity(models.Model):
    """A company that may collect: the creditor itself, a servicer, an agency."""

    class Type(models.TextChoices):
        DEBT_COLLECTOR = "debt_collector", _("debt collector")
        ORIGINAL_CREDITOR = "original_creditor", _("original creditor")
        SERVICER_NOT_IN_DEFAULT = (
            "servicer_not_in_default",
            _("servicer of accounts not in default"),
        )
        FINANCIAL_INSTITUTION = "financial_institution", _("financial institution")
        CONSUMER_FINANCE_COMPANY = "consumer_finance_company", _("consumer finance company")
        THIRD_PARTY_AGENCY = "third_party_agency", _("outside agency")
        REGULATED_ENTITY = "regulated_entity", _("regulated entity (India)")
        AUTHORISED_FIRM = "authorised_firm", _("authorised firm (United Kingdom)")
        COLLECTOR_OR_CREDITOR = "collector_or_creditor", _("collector or creditor (Australia)")
        PUJK = "PUJK", _("financial services provider (Indonesia)")
        LENDING_COMPANY = "lending_company", _("lending company (Philippines)")

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=32, choices=Type.choices)
    country = models.CharField(_("country"), max_length=2)
    licences = models.JSONField(_("licences"), default=list, blank=True)

    class Meta:
        db_table = "legal_entities"
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    type__in=[
                        "debt_collector",
                        "original_creditor",
                        "servicer_not_in_default",
                        "financial_institution",
                        "consumer_finance_company",
                        "third_party_agency",
                        "regulated_entity",
                        "authorised_firm",
                        "collector_or_creditor",
                        "PUJK",
                        "lending_company",
                    ]
                ),
                name="legal_entity_type_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Engagement(models.Model):
    """The mandate of an entity for a creditor (and product): in whose name, from when to when."""

    creditor = models.ForeignKey(
        Creditor,
        on_delete=models.PROTECT,
        related_name="engagements",
        verbose_name=_("creditor"),
    )
    legal_entity = models.ForeignKey(
        LegalEntity,
        on_delete=models.PROTECT,
        related_name="engagements",
        verbose_name=_("legal entity"),
    )
    product = models.ForeignKey(
        "store.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    in_own_name = models.BooleanField(_("in its own name"), default=False)
    lawyers_letters = models.BooleanField(
        _("lawyer's letters"),
        default=False,
        db_default=False,
        help_text=_("a law firm, or a company whose lawyers may write in their own name"),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = visible_manager()

    class Meta:
        db_table = "engagements"
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="engagement_dates_in_order",
            ),
            ExclusionConstraint(
                name="engagement_one_at_a_time",
                expressions=[
                    ("creditor", RangeOperators.EQUAL),
                    ("legal_entity", RangeOperators.EQUAL),
                    (Func(F("product"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_entity_id} for {self.creditor_id} from {self.valid_from}"
