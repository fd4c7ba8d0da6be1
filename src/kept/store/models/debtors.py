"""Persons, debtors, related persons and the ways to reach them.

A person is matched across creditors by strong keys only (`IdentityKey`): never by name, number or
address. Everything else belongs to one creditor: a `Debtor` is a person as one creditor knows them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kept.store.visibility import visible_manager


class Person(models.Model):
    """A natural or legal person; carries nothing that one creditor knows of them."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")

    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        db_table = "persons"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["person", "company"]), name="person_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class IdentityKey(models.Model):
    """A strong key: an official number that belongs to exactly one person.

    `value_hash` is the keyed hash that finds it, `value_cipher` the number itself, encrypted.
    """

    class Kind(models.TextChoices):
        NATIONAL_ID = "national_id", _("national identity number")
        PASSPORT = "passport", _("passport")
        COMPANY_NUMBER = "company_number", _("company number")
        TAX_NUMBER = "tax_number", _("tax number")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identity_keys")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    country = models.CharField(max_length=2)
    value_hash = models.BinaryField(max_length=16)
    value_cipher = models.BinaryField()
    masked = models.CharField(max_length=32)

    class Meta:
        db_table = "identity_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["value_hash", "kind", "country"], name="identity_key_one_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"


class Debtor(models.Model):
    creditor = models.ForeignKey(
        "store.Creditor", on_delete=models.PROTECT, related_name="debtors", db_index=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="debtors")
    external_id = models.CharField(_("debtor number"), max_length=64)
    kind = models.CharField(max_length=8, choices=Person.Kind.choices)
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200, help_text=_("name folded for search"))
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    country = models.CharField(_("country of residence"), max_length=2, blank=True, default="")
    zones = ArrayField(
        models.CharField(max_length=64), default=list, blank=True, verbose_name=_("time zones")
    )
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = visible_manager(product_path="accounts__product_id", seat_path="cases__seat_id")

    class Meta:
        db_table = "debtors"
        verbose_name = _("debtor")
        verbose_name_plural = _("debtors")
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "external_id"], name="debtor_external_id_once"
            ),
        ]
        indexes = [
            models.Index(
                OpClass(F("name_key"), name="text_pattern_ops"), name="debtor_name_prefix"
            ),
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), name="debtor_name_part"),
            # The languages of a book, one after the other, without reading its debtors.
            models.Index(fields=["creditor", "language"], name="debtor_language"),
        ]

    def __str__(self) -> str:
        return self.name


class RelatedPerson(models.Model):
    """Somebody tied to a debtor. Only `LIABLE` ones owe; the others never hear of the debt."""

    class Relation(models.TextChoices):
        GUARANTOR = "guarantor", _("guarantor")
        CO_DEBTOR = "co_debtor", _("co-debtor")
        SPOUSE = "spouse", _("spouse")
        FAMILY = "family", _("family member")
        FRIEND = "friend", _("friend")
        COLLEAGUE = "colleague", _("colleague")
        NOMINATED = "nominated", _("nominated by the debtor")
        EMPLOYER = "employer", _("employer")
        ATTORNEY = "attorney", _("attorney")
        EXECUTOR = "executor", _("executor")
        GUARDIAN = "guardian", _("guardian")
        LEGAL_REPRESENTATIVE = "legal_representative", _("legal representative")
        OTHER = "other", _("other")

    LIABLE = (Relation.GUARANTOR, Relation.CO_DEBTOR)

    debtor = models.ForeignKey(
        Debtor, on_delete=models.PROTECT, related_name="related_persons", db_index=False
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="related_to"
    )
    relation = models.CharField(_("relation"), max_length=24, choices=Relation.choices)
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200)
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    created_at = models.DateTimeField()

    objects = visible_manager(
        "debtor__creditor_id",
        product_path="debtor__accounts__product_id",
        seat_path="debtor__cases__seat_id",
    )

    class Meta:
        db_table = "related_persons"
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "relation", "name_key"], name="related_person_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relation} {self.name}"


class ContactPoint(models.Model):
    """One number, address or handle of a debtor or related person, as one creditor knows it."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("telephone")
        EMAIL = "email", _("e-mail")
        ADDRESS = "address", _("address")
        HANDLE = "handle", _("messaging handle")

    class Validity(models.TextChoices):
        UNKNOWN = "unknown", _("not checked")
        VALID = "valid", _("valid")
        INVALID = "invalid", _("invalid")

    class Consent(models.TextChoices):
        UNKNOWN = "unknown", _("not recorded")
        GIVEN = "given", _("given")
        WITHDRAWN = "withdrawn", _("withdrawn")

    debtor = models.ForeignKey(
        Debtor, on_delete=models.PROTECT, related_name="contact_points", db_index=False
    )
    related_person = models.ForeignKey(
        RelatedPerson,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contact_points",
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    usage = models.CharField(_("use"), max_length=16, blank=True, default="")
    value_hash = models.BinaryField(max_length=16, db_index=True)
    value_cipher = models.BinaryField()
    masked = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True, default="")
    validity = models.CharField(max_length=8, choices=Validity.choices, default=Validity.UNKNOWN)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.UNKNOWN)
    source = models.CharField(_("source"), max_length=32)
    position = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = visible_manager(
        "debtor__creditor_id",
        product_path="debtor__accounts__product_id",
        seat_path="debtor__cases__seat_id",
    )

    class Meta:
        db_table = "contact_points"
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "related_person", "kind", "value_hash"],
                name="contact_point_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["phone", "email", "address", "handle"]),
                name="contact_point_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(validity__in=["unknown", "valid", "invalid"]),
                name="contact_point_validity_known",
            ),
            models.CheckConstraint(
                condition=Q(consent__in=["unknown", "given", "withdrawn"]),
                name="contact_point_consent_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"
