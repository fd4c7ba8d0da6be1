"""From a case and an intended contact to a situation: all that the law may know of it.

Three statements read the book (store/sql/situations.sql); here their rows become the values of
`core.law.situations`. Who acts comes from the mandate alone. The person is one over all creditors:
stops and contacts count whoever of them asks; nothing else of another creditor is read. What is not
known is left unknown, so that the law takes it at its worst.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from kept.core.actors import Actor as Asking
from kept.core.actors import Reach, Scope
from kept.core.attempts import Channel, Outcome
from kept.core.law.grounds import Judged, judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.past import Past
from kept.core.law.situations import Account, Actor, Attempt, Situation
from kept.core.law.times import BEFORE_ALL
from kept.core.law.vocabulary import ADDRESS_KINDS, UNSAID_OUTCOMES
from kept.store.cipher import house_cipher
from kept.store.models import Case
from kept.store.queries import Query, load, rows_in_turn
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.circumstances import (
    Records,
    Target,
    circumstances_of,
    past_of_rows,
    place_in_past,
    role_of,
)
from kept.work.law_books import binding_packs, law_book, licence_codes, switches_of
from kept.work.mandates import NoEngagement, mandate_of
from kept.work.permissions import Permission, require
from kept.work.places import (
    Place,
    Whereabouts,
    holidays_of,
    whereabouts,
    whereabouts_of_related,
    zone_table,
    zone_tables,
)
from kept.work.refusals import Refusal

__all__ = [
    "Considered",
    "IntendedContact",
    "Locked",
    "NoEngagement",
    "Ways",
    "complete_from",
    "consider",
    "consider_channels",
    "consider_points",
    "countries_of",
    "get_situation",
    "get_verdict",
    "has_artificial_voice",
    "is_by_machine",
    "lacks_of",
    "mandate_of",
    "place_class",
]

#: History of which nothing is known: no count is under its limit until somebody says.
_NOTHING_KNOWN: Final = 10_000_000
_ARTIFICIAL: Final = frozenset({Channel.AI_CALL, Channel.RINGLESS_VOICEMAIL})
_BY_MACHINE: Final = _ARTIFICIAL | {Channel.SMS}


#: Kind and usage of a contact point and the role of its person: channels, each with a purpose.
Ways = Callable[[str, str, str], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedContact:
    """What somebody wants to do; `minute` is a UTC minute.

    Without `contact_point_id` any address is meant, and without `related_person_id` the debtor;
    without `account_ids` all accounts of the case. `legal_entity_id` is needed only where several
    companies hold the mandate. `in_reply_to` is the id of an attempt. `by_machine`: a machine dials
    or sends, `artificial_voice`: it speaks; what the channel says of itself stands in any case.
    `text_label` names the version of the script or template that is said or sent (`work/texts.py`).
    """

    case_id: int
    channel: str
    minute: int
    contact_point_id: int | None = None
    related_person_id: int | None = None
    account_ids: Collection[int] | None = None
    legal_entity_id: int | None = None
    purpose: str = "collect"
    planned: str = "nothing"
    content: str | None = None
    content_flags: frozenset[str] = frozenset()
    in_reply_to: int | None = None
    by_machine: bool | None = None
    artificial_voice: bool | None = None
    visibility: str = "private"
    voicemail_shared: bool = False
    learned_during_call: bool = False
    months: int | None = 0
    staff: int | None = 2
    days_past_due: int | None = None
    text_label: str = ""


@dataclass(frozen=True, slots=True)
class Locked:
    """The natural persons whose contacts are counted, and the debtor of the case."""

    person_ids: frozenset[int]
    debtor_id: int
    creditor_zone: str


@dataclass(frozen=True, slots=True)
class Considered:
    """The situation, the rules that bind it, and the rows that it is about.

    `person_id` is the natural person who owes, over all creditors. `lacks` says in codes what is
    not recorded and makes the law stricter: `residence`, `zone`, `cut_over`. `hold_reason` is that
    of a hold of the house on contact, '' where there is none.
    """

    situation: Situation
    book: LawBook
    whereabouts: Whereabouts
    case_id: int
    creditor_id: int
    debtor_id: int
    person_id: int
    related_person_id: int | None
    contact_point_id: int | None
    legal_entity_id: int
    account_ids: tuple[int, ...]
    lacks: tuple[str, ...]
    hold_reason: str = ""

    def judge(self) -> Judged:
        return judge_situation(self.book, self.situation)


def get_situation(*, actor: Asking, wanted: IntendedContact) -> Situation:
    """The situation of a contact with somebody of a case that the actor may see."""
    return consider(require(actor, Permission.CASE_READ), wanted).situation


def get_verdict(*, actor: Asking, wanted: IntendedContact) -> Judged:
    """What the law says of it. Nothing is reserved: the right to act is a permit's."""
    return consider(require(actor, Permission.CASE_READ), wanted).judge()


def consider(
    within: Reach,
    wanted: IntendedContact,
    *,
    locked: Locked | None = None,
    except_permit_id: int | None = None,
) -> Considered:
    """Everything for one verdict; how many statements are asked depends on nothing of the book.

    Open permits count as used at the asked minute and at their worst, but for `except_permit_id`,
    the one that is to be used. With `locked` it is read in one turn, and whoever else it is about
    by now is refused.

    Raises `NotThere` for a case, contact point or account beyond the reach, `NoEngagement`, and
    `Refusal` for an address of the wrong kind.
    """
    _refuse_unseen(within, wanted.case_id)
    parties = (load("situations")["parties"], _asked(wanted))
    if locked is None:
        row = _parties(wanted, rows_in_turn([parties])[0])
        target = _target(row, wanted)
        found, history = rows_in_turn(_past_and_records(_whose(row), wanted, except_permit_id))
    else:
        told = rows_in_turn([parties, *_past_and_records(locked, wanted, except_permit_id)])
        row, found, history = _parties(wanted, told[0]), told[1], told[2]
        target = _target(row, wanted)
        if not {row["person_id"], target.natural} - {None} <= locked.person_ids:
            raise Refusal(_("The person behind this case has just changed; ask again."))
    records = _records(_with_lists(found[0]), row)
    return _considered(wanted, row, target.represented_as(records), records, history)


def _refuse_unseen(within: Reach, case_id: int) -> None:
    if Scope() not in within.scopes and not visible_rows(Case, within).filter(pk=case_id).exists():
        raise not_there()


def _whose(row: Mapping[str, Any]) -> Locked:
    """Whose contacts count for the one row of a case, its debtor's and its related person's."""
    people = frozenset({row["person_id"], row["related_person_person_id"]} - {None})
    return Locked(people, row["debtor_id"], row["creditor_zone"])


def _past_and_records(
    whose: Locked, wanted: IntendedContact, except_permit_id: int | None
) -> list[tuple[Query, Mapping[str, Any]]]:
    people, sql = sorted(whose.person_ids), load("situations")
    records = {
        "person_ids": people,
        "debtor_id": whose.debtor_id,
        "minute": wanted.minute,
        "zone": whose.creditor_zone,
    }
    past = {
        "person_ids": people,
        "minute": wanted.minute,
        "permit_id": except_permit_id,
        "apart": wanted.in_reply_to is not None,
    }
    return [(sql["records"], records), (sql["history"], past)]


def consider_channels(
    within: Reach, asked: Sequence[IntendedContact], channels: Sequence[str]
) -> list[list[Considered]]:
    """Each of the contacts by each of the channels, read in two turns however many they are.

    What is beyond the reach, is erased or has no mandate has none.
    """
    ids = {each.case_id for each in asked}
    seen = set(visible_rows(Case, within).filter(pk__in=ids).values_list("pk", flat=True))
    sql = load("situations")["parties"]
    kept = [place for place, each in enumerate(asked) if each.case_id in seen]
    told = rows_in_turn([(sql, _asked(asked[place])) for place in kept])
    rows = {
        place: _parties(asked[place], found)
        for place, found in zip(kept, told, strict=True)
        if found and not found[0]["is_erased"]
    }
    past = [_past_and_records(_whose(row), asked[place], None) for place, row in rows.items()]
    read = iter(rows_in_turn([each for pair in past for each in pair]))
    found: list[list[Considered]] = [[] for _ in asked]
    for place, row in rows.items():
        records = _records(_with_lists(next(read)[0]), row)
        target, history = _target(row, asked[place]).represented_as(records), next(read)
        for channel in channels:
            wanted = replace(asked[place], channel=channel)
            with suppress(NoEngagement):
                found[place].append(_considered(wanted, row, target, records, history))
    return found


def consider_points(
    within: Reach, case_id: int, minute: int, ways: Ways
) -> Iterator[tuple[IntendedContact, Considered | NoEngagement]]:
    """Every contact of `ways` with every contact point of a case, in five queries however many.

    In the order of the contact book. Each is what `consider` says of it alone.
    """
    _refuse_unseen(within, case_id)
    sql = load("situations")
    whole = IntendedContact(case_id=case_id, channel="", minute=minute)
    parties = _parties(whole, sql["parties"].prepared_rows(_asked(whole)))
    points = [
        {**parties, **point}
        for point in sql["points"].prepared_rows({"debtor_id": parties["debtor_id"]})
    ]
    related = {row["related_person_person_id"] for row in points}
    people = frozenset({parties["person_id"], *related} - {None})
    whose = Locked(people, parties["debtor_id"], parties["creditor_zone"])
    records, history = rows_in_turn(_past_and_records(whose, whole, None))
    found = _with_lists(records[0])
    for row in points:
        yield from _ways_to(row, found, history, minute, ways)


def _ways_to(
    row: dict[str, Any],
    found: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    minute: int,
    ways: Ways,
) -> Iterator[tuple[IntendedContact, Considered | NoEngagement]]:
    related = row["related_person_person_id"]
    near = {row["person_id"]} | ({related} - {None})
    mine = {**found, **{name: _near(near, found[name]) for name in ("stops", "circumstances")}}
    records = _records(mine, row)
    target = _target(row, IntendedContact(case_id=row["case_id"], channel="", minute=minute))
    target = target.represented_as(records)
    contacts = _near(near, history)
    for channel, purpose in ways(row["point_kind"], row["point_usage"], target.role):
        wanted = IntendedContact(
            case_id=row["case_id"],
            channel=channel,
            minute=minute,
            contact_point_id=row["point_id"],
            purpose=purpose,
        )
        try:
            yield wanted, _considered(wanted, row, target, records, contacts)
        except NoEngagement as refusal:
            yield wanted, refusal


def _near(people: Collection[int], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows about these persons, of those that were read for more of them."""
    return [
        row for row in rows if row["person_id"] in people or row.get("related_person") in people
    ]


def _with_lists(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, **{name: _list(row[name]) for name in ("stops", "circumstances")}}


# --- who acts, and for whom -----------------------------------------------------------------------


def _asked(wanted: IntendedContact) -> dict[str, Any]:
    accounts = wanted.account_ids
    return {
        "case_id": wanted.case_id,
        "minute": wanted.minute,
        "contact_point_id": wanted.contact_point_id,
        "related_person_id": wanted.related_person_id,
        "account_ids": None if accounts is None else sorted(accounts),
    }


def _parties(wanted: IntendedContact, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The one row, with its lists read; refuses what is not of this case."""
    if not rows:
        raise not_there()
    row = rows[0]
    for name in ("accounts", "engagements", "histories", "switches", "contact_holds"):
        row[name] = _list(row[name])
    asked = set(wanted.account_ids or ())
    known = {each["id"] for each in row["accounts"]}
    strange = wanted.account_ids is not None and (not asked or asked != known)
    lost_point = wanted.contact_point_id is not None and row["point_id"] is None
    lost_person = wanted.related_person_id not in (None, row["related_id"])
    if strange or lost_point or lost_person or row["is_erased"]:
        raise not_there()
    wrong = ADDRESS_KINDS.get(wanted.channel) not in (None, row["point_kind"])
    if row["point_id"] is not None and wrong:
        raise Refusal(
            _("This is no address for %(channel)s; choose another one.")
            % {"channel": wanted.channel}
        )
    return row


def _list(value: Any) -> list[Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return list(found or ())


# --- whom it reaches ------------------------------------------------------------------------------


def _target(row: Mapping[str, Any], wanted: IntendedContact) -> Target:
    related = row["related_id"]
    if related is None:
        return Target("consumer", row["person_id"], None, row["address"])
    role = role_of(row["relation"])
    return Target(role, row["related_person_person_id"], related, row["address"])


def _records(found: Mapping[str, Any], row: Mapping[str, Any]) -> Records:
    return Records(
        stops=_list(found["stops"]),
        circumstances=_list(found["circumstances"]),
        consents=_list(found["consents"]),
        representations=_list(found["representations"]),
        disputes=_list(found["disputes"]),
        is_vulnerable=found["is_vulnerable"],
        has_performing_plan=found["has_performing_plan"],
        holds=frozenset(row["hold_reasons"]),
        has_attorney=row["has_attorney"],
        numbers_invalid=bool(row["numbers_invalid"]),
        is_paid=row["close_reason"] == "paid",
        withdrawn_address=row["address"] if row["point_consent"] == "withdrawn" else None,
        debtor_id=row["debtor_id"],
        person_id=row["person_id"],
        account_ids=frozenset(each["id"] for each in row["accounts"]),
    )


# --- put together ---------------------------------------------------------------------------------


def _considered(
    wanted: IntendedContact,
    row: Mapping[str, Any],
    target: Target,
    records: Records,
    history: Sequence[Mapping[str, Any]],
) -> Considered:
    mandate = mandate_of(row, wanted.legal_entity_id)
    entity = str(mandate["entity_id"])
    where = _whereabouts(row, target, records, wanted)
    codes = licence_codes(row["creditor_country"], ()) | licence_codes(
        mandate["country"], mandate["licences"]
    )
    book = law_book(binding_packs(where.codes, codes), switches_of(row["switches"]))
    clocks = {zone: zone_table(zone, wanted.minute) for zone in book.clocks}
    place = None if where.zone is None else zone_table(where.zone, wanted.minute)
    debts = tuple(_account(each) for each in row["accounts"])
    complete = complete_from(row["histories"], mandate["entity_id"])
    attempt = _attempt(wanted, row, target, debts)
    past = past_of_rows(history, target, records, entity)
    answered = place_in_past(history, past, wanted.in_reply_to)
    known = circumstances_of(records, target, entity, attempt, place)
    situation = Situation(
        actor=Actor(entity, mandate["type"], bool(mandate["own_name"])),
        debts=debts,
        attempt=replace(attempt, in_reply_to=answered),
        history=past.and_then(records.refusals(target, entity)),
        known=replace(
            known,
            artificial_voice=_says(wanted.artificial_voice, has_artificial_voice(wanted.channel)),
            autodialled=_says(wanted.by_machine, is_by_machine(wanted.channel)),
            used_address=_wrote_from(attempt, entity, past),
            days_past_due=wanted.days_past_due,
        ),
        place=place,
        candidates=zone_tables(where.zones, wanted.minute),
        clocks=clocks,
        holidays=holidays_of(sorted(countries_of(where, book)), wanted.minute),
        complete_from=complete,
    )
    return Considered(
        situation=situation,
        book=book,
        whereabouts=where,
        case_id=row["case_id"],
        creditor_id=row["creditor_id"],
        debtor_id=row["debtor_id"],
        person_id=row["person_id"],
        related_person_id=row["related_id"],
        contact_point_id=row["point_id"],
        legal_entity_id=mandate["entity_id"],
        account_ids=tuple(each["id"] for each in row["accounts"]),
        lacks=lacks_of(where, complete),
        hold_reason=_hold_reason(row),
    )


def _hold_reason(row: Mapping[str, Any]) -> str:
    """Of the oldest hold on contact that concerns one of the accounts, or the whole debtor."""
    accounts = {None, *(each["id"] for each in row["accounts"])}
    return next((reason for reason, held in row["contact_holds"] if held in accounts), "")


def _account(row: Mapping[str, Any]) -> Account:
    """Student loans of one debtor count as one debt: under which numbers they were obtained is
    not known (12 CFR 1006.14(b)(4))."""
    group = "student" if row["debt_type"] == "student_loan" else str(row["id"])
    return Account(str(row["id"]), row["debt_type"] or None, group)


def complete_from(histories: Sequence[Mapping[str, Any]], entity: int) -> int:
    """The first local day from which all contacts by this company are known, for any creditor."""
    mine = [each for each in histories if entity in each["entities"]]
    days = [
        (BEFORE_ALL if each["complete_from"] is None else each["complete_from"])
        if each["known"]
        else _NOTHING_KNOWN
        for each in mine
    ]
    return max(days, default=_NOTHING_KNOWN)


def _attempt(
    wanted: IntendedContact,
    row: Mapping[str, Any],
    target: Target,
    debts: Sequence[Account],
) -> Attempt:
    return Attempt(
        minute=wanted.minute,
        channel=wanted.channel,
        person=target.key,
        role=target.role,
        debts=frozenset(debt.id for debt in debts),
        purpose=wanted.purpose,
        address=row["address"],
        place=place_class(row["point_usage"], wanted.channel),
        planned=wanted.planned,
        content=wanted.content,
        content_flags=wanted.content_flags,
        visibility=wanted.visibility,
        voicemail_shared=wanted.voicemail_shared,
        learned_during_call=wanted.learned_during_call,
        months=wanted.months,
        staff=wanted.staff,
    )


def place_class(usage: str | None, channel: str) -> str:
    if channel == Channel.WORKPLACE_CALL:
        return "work"
    return usage if usage in ("home", "work") else "none"


def has_artificial_voice(channel: str) -> bool:
    return channel in _ARTIFICIAL


def is_by_machine(channel: str) -> bool:
    """Whether a machine dials or sends, where nobody says."""
    return channel in _BY_MACHINE


def _says(given: bool | None, by_channel: bool) -> bool:
    """A caller can add to what the channel is, and never talk it away."""
    return by_channel or given is True


def _wrote_from(attempt: Attempt, entity: str, past: Past) -> bool:
    """Whether the person used this address to write to this company, other than to stop it."""
    silent = UNSAID_OUTCOMES | {Outcome.STOP}
    return attempt.address is not None and any(
        each.contact.inbound
        and each.contact.outcome not in silent
        and each.contact.address == attempt.address
        and each.contact.person == attempt.person
        and each.contact.actor == entity
        for each in past.alike
    )


def _whereabouts(
    row: Mapping[str, Any], target: Target, records: Records, wanted: IntendedContact
) -> Whereabouts:
    number = None
    if row["point_kind"] == "phone" and row["value_cipher"] is not None:
        number = house_cipher().open("phone", row["value_cipher"])
    present = records.present_place(target, wanted.minute)
    creditor = Place(row["creditor_country"], "", (row["creditor_zone"],))
    debtor = Target("consumer", row["person_id"], None, None)
    recorded = Place(row["debtor_country"], "", tuple(row["debtor_zones"]))
    home = records.residence(debtor) or recorded
    if target.related_id is None:
        return whereabouts(residence=home, present=present, number=number, creditor=creditor)
    here = records.present_place(debtor, wanted.minute)
    return whereabouts_of_related(
        residence=records.residence(target),
        present=present,
        number=number,
        debtor=[home] if here is None else [home, here],
        creditor=creditor,
    )


def countries_of(where: Whereabouts, book: LawBook) -> frozenset[str]:
    """Whose public holidays count: those of the places, of every pack where none is known."""
    if where.countries is not None:
        return where.countries
    return frozenset(pack.country for pack in book.packs if pack.country)


def lacks_of(where: Whereabouts, complete_from: int) -> tuple[str, ...]:
    found = {
        "residence": where.codes is None,
        "zone": where.zone is None,
        "cut_over": complete_from == _NOTHING_KNOWN,
    }
    return tuple(name for name, lacking in found.items() if lacking)
