"""What a document of a case is made of: read from the book, checked, and its text filled.

One `Paper` holds everything that will stand on it. It is refused here, before anything is set or
stored, where what the kind rests on is not so: nothing owed for a demand, one cent open for a proof
of settlement, no mandate for a lawyer's letter, content that a law wants and the text lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.documents.contents import Binding, lacking, months_most
from kept.core.documents.kinds import KINDS, DocumentKind, Rests
from kept.core.documents.terms import (
    AccountAmounts,
    AgreementTerms,
    ReceiptTerms,
    SettlementTerms,
    StatementLine,
    agreement_faults,
    settlement_faults,
    statement_lines,
)
from kept.core.text_figures import FIGURES, MissingFigures, fill
from kept.core.texts import primary_language
from kept.store.accruals import read_accrued, read_positions_with_accrued
from kept.store.cipher import house_cipher
from kept.store.ledger import ALL_KNOWN, AccountPosition
from kept.store.models import (
    Account,
    Case,
    CaseAccount,
    ContactPoint,
    Creditor,
    Engagement,
    LegalEntity,
    ProductTerms,
    User,
)
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.document_figures import figures_of_paper
from kept.work.document_terms import with_terms
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal
from kept.work.texts import FoundText, text_for

__all__ = ["Paper", "PaperRequest", "paper_of"]

#: How far back a statement goes where nobody says from when.
STATEMENT_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class PaperRequest:
    """What is to be printed. Without an account: all that are in the case; without a language: the
    debtor's. The terms that a kind sets down are those of its plan, settlement or payment: the one
    named, else the one that stands. A program may give its own `agreement` or `settlement`."""

    case_id: int
    kind: DocumentKind
    account_id: int | None = None
    language: str = ""
    as_of: date | None = None
    since: date | None = None
    legal_entity_id: int | None = None
    agreement: AgreementTerms | None = None
    settlement: SettlementTerms | None = None
    plan_id: int | None = None
    waiver_id: int | None = None
    payment_id: int | None = None
    account_ids: tuple[int, ...] = ()
    receipt: ReceiptTerms | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    first: date
    before_minor: int
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that stands on a document. `company` acts for the creditor, where there is but
    one; `writes_itself`: in its own name. `signatory` is the legal officer of a lawyer's letter."""

    request: PaperRequest
    kind: DocumentKind
    language: str
    creditor: Creditor
    case: Case
    debtor_name: str
    address: tuple[str, ...]
    printed_on: date
    as_of: date
    accounts: tuple[AccountAmounts, ...]
    account_ids: tuple[int, ...]
    binding: Binding
    company: LegalEntity | None = None
    writes_itself: bool = False
    signatory: str = ""
    statement: Statement | None = None
    settled_on: date | None = None
    text: FoundText | None = None
    body: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        return self.accounts[0].currency

    @property
    def balance_minor(self) -> int:
        return sum(each.balance_minor for each in self.accounts)

    @property
    def overdue_minor(self) -> int:
        return sum(each.overdue_minor for each in self.accounts)


def paper_of(actor: Actor, request: PaperRequest, now: datetime) -> Paper:
    """The paper, complete; raises `Refusal` where it cannot be printed, and changes nothing."""
    within = require(actor, _permission(request.kind))
    case = _case(within, request.case_id)
    request = with_terms(actor, case, request)
    on = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    as_of = request.as_of or on
    if as_of > on:
        raise Refusal(_("A document speaks of today or of a day before it."))
    rows = _accounts(within, case, request)
    amounts = _amounts(rows, as_of)
    mandate = _mandate(case.creditor, rows, request, on)
    company = mandate.legal_entity if mandate else None
    by_lawyer = KINDS[request.kind].by_lawyer
    bare = Paper(
        request=request,
        kind=request.kind,
        language=primary_language(
            request.language or case.debtor.language or case.creditor.language
        ),
        creditor=case.creditor,
        case=case,
        debtor_name=case.debtor.name,
        address=_address(case),
        printed_on=on,
        as_of=as_of,
        accounts=amounts,
        account_ids=tuple(each.pk for each in rows),
        binding=Binding(
            case.creditor.country, rows[0].product.debt_type, company.type if company else ""
        ),
        company=company,
        writes_itself=by_lawyer or bool(mandate and mandate.in_own_name),
        signatory=_signatory(actor) if by_lawyer else "",
    )
    return _said(_resting(bare))


def _permission(kind: DocumentKind) -> Permission:
    return Permission.DOCUMENT_PRINT_LEGAL if KINDS[kind].by_lawyer else Permission.DOCUMENT_PRINT


def _case(within: Reach, case_id: int) -> Case:
    rows = visible_rows(Case, within).select_related("creditor", "debtor")
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if case.debtor.erased_at is not None:
        raise Refusal(_("This person was erased: there is nobody to print for."))
    return case


# --- accounts and what they owe -------------------------------------------------------------------


def _accounts(within: Reach, case: Case, request: PaperRequest) -> list[Account]:
    """Those of the case that the paper speaks of; one currency, since sums are printed."""
    stays = visible_rows(CaseAccount, within).filter(case=case)
    stays = stays.select_related("account__product").order_by("account_id", F("left_on").desc())
    every = {stay.account_id: stay for stay in stays}
    if request.account_ids:  # those of the plan, the settlement or the payment
        return [stay.account for pk, stay in every.items() if pk in request.account_ids]
    if request.account_id is not None:
        if request.account_id not in every:
            raise not_there()
        return [every[request.account_id].account]
    chosen = [each.account for each in every.values() if each.left_on is None]
    chosen = chosen or [each.account for each in every.values()]
    if not chosen:
        raise Refusal(_("No account is in this case."))
    if len(chosen) > 1 and KINDS[request.kind].of_one_account:
        raise Refusal(
            _("This document speaks of one account: say which."),
            {"account": _("Choose an account.")},
        )
    if len({each.currency for each in chosen}) > 1:
        raise Refusal(
            _("The accounts are in several currencies: print one account at a time."),
            {"account": _("Choose an account.")},
        )
    return chosen


def _amounts(rows: Sequence[Account], as_of: date) -> tuple[AccountAmounts, ...]:
    ids = [each.pk for each in rows]
    positions = read_positions_with_accrued(ids, as_of)
    components: dict[int, dict[str, int]] = {}
    found = load("ledger")["component_balances"].scoped("accounts")
    for row in found.rows({"account_ids": ids, "as_of": as_of, "known_at": ALL_KNOWN}):
        components.setdefault(row["account_id"], {})[row["component"]] = row["amount_minor"]
    for account_id, accrued in read_accrued(ids, as_of).items():
        owed = components.setdefault(account_id, {})
        for charged, amount in accrued.items():
            if amount:
                owed[charged.value] = owed.get(charged.value, 0) + amount
    missing = [each.external_id for each in rows if each.pk not in positions]
    if missing:
        raise Refusal(
            _("The ledger has nothing of account %(account)s by then.")
            % {"account": ", ".join(missing)}
        )
    return tuple(
        _amounts_of(each, positions[each.pk], components.get(each.pk, {}), as_of) for each in rows
    )


def _amounts_of(
    account: Account, position: AccountPosition, components: Mapping[str, int], as_of: date
) -> AccountAmounts:
    terms = ProductTerms.objects.filter(product_id=account.product_id, valid_from__lte=as_of)
    listed = terms.order_by("-valid_from").values_list("components", flat=True).first() or []
    order = {name: place for place, name in enumerate(listed)}
    return AccountAmounts(
        account_number=account.external_id,
        product_name=account.product.name,
        currency=account.currency,
        components=tuple(
            sorted(components.items(), key=lambda each: (order.get(each[0], 99), each[0]))
        ),
        balance_minor=position.balance_minor,
        overdue_minor=position.overdue_minor,
        oldest_due_on=position.oldest_due_on,
        dpd=position.dpd,
        accrued_minor=position.accrued_minor,
    )


# --- who writes, to whom --------------------------------------------------------------------------


def _address(case: Case) -> tuple[str, ...]:
    """The debtor's own address, a checked one first; nobody else's."""
    points = ContactPoint.objects.filter(
        debtor_id=case.debtor_id, related_person__isnull=True, kind=ContactPoint.Kind.ADDRESS
    ).exclude(validity=ContactPoint.Validity.INVALID)
    chosen = sorted(points, key=lambda each: (each.validity != "valid", each.position, -each.pk))
    if not chosen:
        return ()
    text = house_cipher().open(chosen[0].kind, chosen[0].value_cipher)
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _mandate(
    creditor: Creditor, rows: Sequence[Account], request: PaperRequest, on: date
) -> Engagement | None:
    """The mandate under which it is written; None where several companies act and none is named."""
    products = {each.product_id for each in rows}
    held = Engagement.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), creditor=creditor, valid_from__lte=on
    ).select_related("legal_entity")
    by_lawyer = KINDS[request.kind].by_lawyer
    if by_lawyer:
        held = held.filter(lawyers_letters=True)
    if request.legal_entity_id is not None:
        held = held.filter(legal_entity_id=request.legal_entity_id)
    able = [
        each
        for each in held.order_by("legal_entity_id", F("product_id").asc(nulls_last=True))
        if each.product_id is None or products == {each.product_id}
    ]
    if len({each.legal_entity_id for each in able}) == 1:
        return able[0]
    if by_lawyer:
        raise Refusal(
            _("Several companies may write lawyer's letters here: say which one writes.")
            if able
            else _(
                "No mandate of this creditor allows lawyer's letters for these accounts today: "
                "see Settings → Engagements."
            )
        )
    return None


def _signatory(actor: Actor) -> str:
    """A lawyer's letter bears the name of the person who answers for it."""
    user = User.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    name = user.get_full_name().strip() if user else ""
    if not name:
        raise Refusal(_("A lawyer's letter bears a name: give yours in Settings → Users first."))
    return name


# --- on what it rests -----------------------------------------------------------------------------


def _resting(paper: Paper) -> Paper:
    match KINDS[paper.kind].rests_on:
        case Rests.BALANCE:
            if paper.overdue_minor <= 0:
                raise Refusal(_("Nothing is past due: there is nothing to ask for."))
        case Rests.LEDGER:
            return replace(paper, statement=_statement(paper))
        case Rests.ZERO:
            return replace(paper, settled_on=_settled_on(paper))
        case Rests.AGREEMENT:
            _refuse_agreement(paper)
        case Rests.SETTLEMENT | Rests.PAID_SETTLEMENT:
            return replace(paper, settled_on=_refuse_settlement(paper))
    return paper


def _entries(paper: Paper) -> list[tuple[date, str, str, int]]:
    """Entries of the one account by then, a row each, in the order in which they took effect."""
    rows = load("ledger")["history"].scoped("accounts")
    found: dict[int, list[Any]] = {}
    for row in rows.rows({"account_ids": [paper.account_ids[0]]}):
        if row["effective_on"] > paper.as_of:
            continue
        entry = found.setdefault(
            row["entry_id"], [row["effective_on"], row["kind"], row["reference"], 0]
        )
        entry[3] += _owed(row)
    ordered = sorted(found.items(), key=lambda each: (each[1][0], each[0]))
    return [(day, kind, reference, owed) for _id, (day, kind, reference, owed) in ordered]


def _owed(posting: Mapping[str, Any]) -> int:
    if posting["to_book"] == "receivable":
        return int(posting["amount_minor"])
    return -int(posting["amount_minor"]) if posting["from_book"] == "receivable" else 0


def _statement(paper: Paper) -> Statement:
    first = paper.request.since or paper.as_of - timedelta(days=STATEMENT_DAYS)
    if first > paper.as_of:
        raise Refusal(_("A statement ends on the day it begins, or later."))
    before, lines = statement_lines(_entries(paper), first)
    return Statement(first, before, lines)


def _settled_on(paper: Paper) -> date:
    """The day since which nothing is owed; refused where anything is, or is owed back."""
    if paper.balance_minor != 0 or any(amount for _name, amount in paper.accounts[0].components):
        raise Refusal(
            _(
                "The ledger does not say zero: a proof of settlement is given when nothing is owed "
                "and nothing is owed back."
            )
        )
    moved = [day for day, _kind, _reference, owed in _entries(paper) if owed]
    return moved[-1]


def _refuse_agreement(paper: Paper) -> None:
    terms = paper.request.agreement
    if terms is None:
        raise Refusal(_("An instalment agreement needs its plan."))
    faults = agreement_faults(terms, months_most=months_most(paper.binding))
    if terms.owed_minor != paper.balance_minor or terms.currency != paper.currency:
        raise Refusal(_("The plan was made for another balance than the ledger's: make it anew."))
    if faults:
        raise Refusal(" ".join(each.told(_) for each in faults))


def _refuse_settlement(paper: Paper) -> date | None:
    terms = paper.request.settlement
    if terms is None:
        raise Refusal(_("A settlement needs its terms."))
    is_confirmed = KINDS[paper.kind].rests_on is Rests.PAID_SETTLEMENT
    faults = settlement_faults(terms, is_confirmed=is_confirmed)
    if faults:
        raise Refusal(" ".join(each.told(_) for each in faults))
    if is_confirmed and paper.balance_minor != 0:
        raise Refusal(_("The ledger does not say zero: the rest is waived first."))
    if not is_confirmed and terms.owed_minor != paper.balance_minor:
        raise Refusal(_("The settlement was made for another balance than the ledger's."))
    return terms.paid_on


# --- what it says ---------------------------------------------------------------------------------


def _said(paper: Paper) -> Paper:
    text = text_for(paper.kind.value, paper.language, paper.creditor.pk, paper.printed_on)
    if text is None:
        raise Refusal(
            _("There is no text %(code)s in this language (%(language)s): write it first.")
            % {"code": paper.kind.value, "language": paper.language or "?"}
        )
    _refuse_lacking(paper, text)
    figures = figures_of_paper(paper)
    try:
        body = fill(text.body, figures)
    except MissingFigures as missing:
        raise Refusal(
            _(
                "The text shows what is not known here: %(names)s. What is the creditor's own,"
                " such as its telephone, is set with the creditor in the administration."
            )
            % {"names": ", ".join(map(_explained, missing.names))}
        ) from missing
    return replace(paper, text=text, body=body, figures=figures)


def _explained(name: str) -> str:
    found = FIGURES.get(name)
    return name if found is None else f"{name} ({found.meaning(get_language() or '')})"


def _refuse_lacking(paper: Paper, text: FoundText) -> None:
    found = lacking(paper.kind, text.body, paper.language, paper.binding)
    if found:
        reader = get_language() or ""
        told = "; ".join(f"{each.what(reader)} ({each.citation})" for each in found)
        raise Refusal(
            _("The text %(label)s lacks: %(what)s.") % {"label": text.label, "what": told}
        )
