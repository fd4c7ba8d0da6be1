"""Forms that say what a use case would say: it is tried before it is done.

A form holds no rule of its own. Cleaning it calls the use case and takes the change back; what the
use case refuses becomes the errors of the fields. Saving calls it again, for good.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Actor, Role
from kept.store.models import (
    Creditor,
    Engagement,
    LegalEntity,
    Product,
    ProductTerms,
    RoleGrant,
    Seat,
    Team,
    User,
)
from kept.work.actors import do_make_user, do_save_user, do_set_password
from kept.work.approvals import NeedsApproval, do_request_approval
from kept.work.creditors import (
    do_save_creditor,
    do_save_engagement,
    do_save_legal_entity,
    do_set_cut_over,
)
from kept.work.grants import do_grant_role
from kept.work.permissions import ROLE_NAMES
from kept.work.products import do_add_terms, do_save_product
from kept.work.refusals import Refusal
from kept.work.seats import do_save_seat, do_save_team

__all__ = [
    "LIMITS",
    "CreditorForm",
    "EngagementForm",
    "LegalEntityForm",
    "ProductForm",
    "RoleGrantForm",
    "SeatForm",
    "TeamForm",
    "TermsForm",
    "UseCaseForm",
    "UserForm",
    "limits_of",
]


#: The limits of a grant or a key, as fields of a form.
LIMITS = ("creditor", "product", "team", "agency")


def limits_of(given: dict[str, Any]) -> dict[str, int | None]:
    return {f"{name}_id": given[name].pk if given[name] else None for name in LIMITS}


class _TakenBack(Exception):
    """Ends the try of a use case, so that its transaction is rolled back."""


class UseCaseForm(forms.ModelForm):  # type: ignore[type-arg]
    """`actor` and `now` are set on a subclass made for the request."""

    actor: ClassVar[Actor]
    now: ClassVar[datetime]

    def apply(self, given: dict[str, Any]) -> Model:
        """Call the use case with the cleaned values."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            self._try(given)
        return self.cleaned_data

    def _try(self, given: dict[str, Any]) -> None:
        try:
            with transaction.atomic():
                self.apply(given)
                raise _TakenBack
        except _TakenBack:
            pass
        except Refusal as refusal:
            self._show(refusal)

    def _show(self, refusal: Refusal) -> None:
        for name, text in (refusal.fields or {"": refusal.message}).items():
            self.add_error(name if name in self.fields else None, text)


class CreditorForm(UseCaseForm):
    class Meta:
        model = Creditor
        fields = (
            "code",
            "name",
            "country",
            "zone",
            "currency",
            "calendar",
            "language",
            "phone",
            "needs_access",
            "cut_over_on",
        )

    def apply(self, given: dict[str, Any]) -> Model:
        values = {name: value for name, value in given.items() if name != "cut_over_on"}
        cut_over_on = given["cut_over_on"]
        # The form has written what was typed over the row that it was made of.
        before = self.initial.get("cut_over_on")
        row = do_save_creditor(
            actor=self.actor, now=self.now, creditor_id=self.instance.pk, **values
        )
        if cut_over_on in (None, before):
            return row
        return do_set_cut_over(
            actor=self.actor, creditor_id=row.pk, cut_over_on=cut_over_on, now=self.now
        )


class LegalEntityForm(UseCaseForm):
    licences = SimpleArrayField(
        forms.CharField(max_length=200),
        label=_("licences"),
        required=False,
        help_text=_("with commas between"),
    )

    class Meta:
        model = LegalEntity
        fields = ("code", "name", "type", "country", "licences")

    def apply(self, given: dict[str, Any]) -> Model:
        return do_save_legal_entity(
            actor=self.actor, now=self.now, legal_entity_id=self.instance.pk, **given
        )


class EngagementForm(UseCaseForm):
    class Meta:
        model = Engagement
        fields = (
            "creditor",
            "legal_entity",
            "product",
            "in_own_name",
            "lawyers_letters",
            "valid_from",
            "valid_to",
        )

    def apply(self, given: dict[str, Any]) -> Model:
        return do_save_engagement(
            actor=self.actor,
            creditor_id=given["creditor"].pk,
            legal_entity_id=given["legal_entity"].pk,
            product_id=given["product"].pk if given["product"] else None,
            in_own_name=given["in_own_name"],
            lawyers_letters=given["lawyers_letters"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
            engagement_id=self.instance.pk,
            now=self.now,
        )


class ProductForm(UseCaseForm):
    class Meta:
        model = Product
        fields = ("creditor", "code", "name", "debt_type", "currency")

    def apply(self, given: dict[str, Any]) -> Model:
        values = {name: given[name] for name in ("code", "name", "debt_type", "currency")}
        return do_save_product(
            actor=self.actor,
            creditor_id=given["creditor"].pk,
            product_id=self.instance.pk,
            now=self.now,
            **values,
        )


class TermsForm(UseCaseForm):
    class Meta:
        model = ProductTerms
        fields = (
            "product",
            "valid_from",
            "balance_authority",
            "bucket_boundaries",
            "components",
            "allocation_order",
            "interest",
            "grace_days",
            "small_balance_minor",
            "entry_dpd",
            "missing_from_feed",
            "allows_credit_balance",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = {
            "bucket_boundaries": [1, 31, 61, 91],
            "components": ["principal", "interest", "fee", "penalty", "cost"],
            "allocation_order": ["cost", "fee", "penalty", "interest", "principal"],
        }
        for name in usual.keys() & self.fields:  # none is there for who only looks
            self.fields[name].initial = usual[name]

    def apply(self, given: dict[str, Any]) -> Model:
        values = {name: value for name, value in given.items() if name != "product"}
        return do_add_terms(
            actor=self.actor, product_id=given["product"].pk, now=self.now, **values
        )


class TeamForm(UseCaseForm):
    class Meta:
        model = Team
        fields = ("code", "name", "legal_entity")

    def apply(self, given: dict[str, Any]) -> Model:
        return do_save_team(
            actor=self.actor,
            code=given["code"],
            name=given["name"],
            legal_entity_id=given["legal_entity"].pk if given["legal_entity"] else None,
            team_id=self.instance.pk,
            now=self.now,
        )


class SeatForm(UseCaseForm):
    class Meta:
        model = Seat
        fields = (
            "code",
            "team",
            "user",
            "skills",
            "languages",
            "creditors",
            "minutes_per_day",
            "active",
        )

    def apply(self, given: dict[str, Any]) -> Model:
        return do_save_seat(
            actor=self.actor,
            code=given["code"],
            team_id=given["team"].pk,
            user_id=given["user"].pk if given["user"] else None,
            skills=given["skills"],
            languages=given["languages"] or [],
            creditor_ids=[creditor.pk for creditor in given["creditors"]],
            minutes_per_day=given["minutes_per_day"],
            active=given["active"],
            seat_id=self.instance.pk,
            now=self.now,
        )


class UserForm(UseCaseForm):
    new_password = forms.CharField(
        label=_("new password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("empty: it stays as it is"),
    )
    language = forms.ChoiceField(
        label=_("language"),
        required=False,
        choices=[("", _("as the browser asks")), ("zh-hans", "中文"), ("en", "English")],
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "language", "is_active")

    def apply(self, given: dict[str, Any]) -> Model:
        password = given["new_password"] or None
        names = ("username", "first_name", "last_name", "email", "language", "is_active")
        values = {name: given[name] for name in names}
        if self.instance.pk is None:
            del values["is_active"]
            return do_make_user(actor=self.actor, password=password, now=self.now, **values)
        user = do_save_user(actor=self.actor, user_id=self.instance.pk, now=self.now, **values)
        if password is not None:
            do_set_password(actor=self.actor, user_id=user.pk, password=password, now=self.now)
        return user

    def _show(self, refusal: Refusal) -> None:
        moved = {"password": "new_password"}
        fields = {moved.get(name, name): text for name, text in refusal.fields.items()}
        super()._show(Refusal(refusal.message, fields))


class RoleGrantForm(UseCaseForm):
    role = forms.ChoiceField(
        label=_("role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()]
    )

    class Meta:
        model = RoleGrant
        fields = ("user", "role", *LIMITS, "may_pick", "valid_from", "valid_until", "reason")

    def apply(self, given: dict[str, Any]) -> Model:
        """The grant; or none yet (without a key), where it has to be approved first."""
        try:
            with transaction.atomic():
                return do_grant_role(
                    actor=self.actor,
                    user_id=given["user"].pk,
                    role=Role(given["role"]),
                    valid_from=given["valid_from"],
                    valid_until=given["valid_until"],
                    may_pick=given["may_pick"],
                    reason=given["reason"],
                    now=self.now,
                    **limits_of(given),
                )
        except NeedsApproval as needed:
            do_request_approval(
                actor=self.actor,
                kind=needed.kind,
                command=needed.command,
                reason=given["reason"],
                now=self.now,
            )
            return RoleGrant()
