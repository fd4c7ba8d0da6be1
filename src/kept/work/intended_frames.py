"""Many intended contacts as the three frames from which `law_verdicts` makes their verdicts.

What `work/situations.py` makes of one contact, for all of a chunk: contacts and histories in sets;
of the few people about whom something is recorded, the circumstances by the same function as for
one. Persons, addresses and companies go as numbers: law only asks whether two are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from kept.core.attempts import Channel, Outcome
from kept.core.law.situations import Attempt
from kept.core.law.times import NEVER
from kept.core.law.vocabulary import CONVERSATION_OUTCOMES, UNKNOWN_OUTCOME, UNSAID_OUTCOMES
from kept.work.circumstances import Records, Target, circumstances_of, role_of
from kept.work.intended_law import IntendedFrames
from kept.work.intended_people import ROLE_NUMBERS, Bound
from kept.work.law_records import record_row, record_types
from kept.work.places import zone_table
from kept.work.situations import has_artificial_voice, is_by_machine

__all__ = ["intended_frames"]

_STUDENT: Final = "student_loan"
#: Student loans of one debtor are one debt; no account has this number.
_STUDENT_GROUP: Final = 0
_ADDRESS_DIGITS: Final = 15  # of the keyed hash, as many as a whole number holds
_LISTS: Final = pl.List(pl.Int64)
_PLACES: Final = ("home", "work")


def intended_frames(bound: Bound, channels: pl.DataFrame) -> IntendedFrames:
    """`channels` has `number`, `channel` and `purpose` of every contact."""
    every = bound.frame.join(channels, on="number", how="inner", maintain_order="left")
    lawless = pl.col("is_erased") | pl.col("entity").is_null()
    able = every.filter(~lawless)
    contacts = _contacts(able, bound)
    history = _history(bound, able)
    used = _used_addresses(contacts, history)
    return IntendedFrames(
        contacts=contacts.with_columns(used_address=used),
        records=_records(able, bound),
        history=history,
        barred=every.filter(lawless).select("number", "is_erased"),
    )


# --- contacts -------------------------------------------------------------------------------------


def _contacts(able: pl.DataFrame, bound: Bound) -> pl.DataFrame:
    debts = able["account_ids"].str.split(",").cast(_LISTS)
    debts = debts.fill_null(pl.Series([[]], dtype=_LISTS))
    groups = _groups(able, debts, _student_products(bound))
    place = _place(pl.col("channel"), pl.col("point_usage"))
    return able.select(
        "number",
        "book",
        "has_residence",
        "channel",
        "purpose",
        "target_role",
        "actor_type",
        "own_name",
        "zone",
        "candidates",
        "holidays",
        "complete_from",
        contact="number",
        debtor="group",
        minute=pl.lit(bound.rows.minute, dtype=pl.Int64),
        person=_person(pl.col("target_role"), pl.col("natural"), pl.col("related_id")),
        actor="entity",
        address=_address(pl.col("address")),
        address_place=place,
        employer_email=(pl.col("channel") == Channel.EMAIL) & (place == "work"),
        debts=debts,
        debt_types=_debt_types(able, bound),
        artificial_voice=_by_channel(able, has_artificial_voice),
        autodialled=_by_channel(able, is_by_machine),
        days_past_due=pl.lit(None, dtype=pl.Int64),
        **({} if groups is None else {"groups": groups}),
    )


def _person(role: pl.Expr, natural: pl.Expr, related: pl.Expr) -> pl.Expr:
    """A number that two contacts share where their person and role are the same."""
    of_role = role.replace_strict(ROLE_NUMBERS, return_dtype=pl.Int64)
    who = pl.when(natural.is_not_null()).then(natural * 2).otherwise(related * 2 + 1)
    return who * len(ROLE_NUMBERS) + of_role


def _address(text: pl.Expr) -> pl.Expr:
    return text.str.slice(0, _ADDRESS_DIGITS).str.to_integer(base=16, dtype=pl.Int64)


def _place(channel: pl.Expr, usage: pl.Expr) -> pl.Expr:
    at = pl.when(usage.is_in(_PLACES)).then(usage).otherwise(pl.lit("none"))
    return pl.when(channel == Channel.WORKPLACE_CALL).then(pl.lit("work")).otherwise(at)


def _by_channel(able: pl.DataFrame, holds: Any) -> pl.Expr:
    true = [each for each in able["channel"].unique().to_list() if holds(each)]
    return pl.col("channel").is_in(true)


def _types(bound: Bound) -> dict[int, str | None]:
    return {number: debt_type or None for number, debt_type in bound.rows.creditor["products"]}


def _student_products(bound: Bound) -> frozenset[int]:
    return frozenset(number for number, kind in _types(bound).items() if kind == _STUDENT)


def _debt_types(able: pl.DataFrame, bound: Bound) -> pl.Series:
    """The kinds of each contact's debts; few sets of products differ."""
    types = _types(bound)
    sets = able["product_ids"].unique().drop_nulls().to_list()
    numbers = {each: at for at, each in enumerate(sets)}
    lists = pl.Series(
        [[types[int(number)] for number in each.split(",")] for each in sets] + [[None]],
        dtype=pl.List(pl.String),
    )
    last = len(sets)
    if not sets:
        return pl.Series([[None]] * len(able), dtype=pl.List(pl.String))
    places = able["product_ids"].replace_strict(numbers, default=last, return_dtype=pl.Int64)
    return lists.gather(places.fill_null(last))


def _groups(able: pl.DataFrame, debts: pl.Series, students: frozenset[int]) -> pl.Series | None:
    """The particular debts of each contact; None where each account is one."""
    if not students:
        return None
    products = able["product_ids"].str.split(",").cast(_LISTS).to_list()
    found = [
        sorted(
            {
                _STUDENT_GROUP if product in students else account
                for account, product in zip(accounts, of or (), strict=True)
            }
        )
        for accounts, of in zip(debts.to_list(), products, strict=True)
    ]
    return pl.Series(found, dtype=_LISTS)


# --- what is recorded -----------------------------------------------------------------------------


def _records(able: pl.DataFrame, bound: Bound) -> pl.DataFrame:
    recorded = able.filter(pl.col("number").is_in(list(bound.targets)))
    place = _place(pl.col("channel"), pl.col("point_usage"))
    columns = recorded.select("number", "channel", "entity", "zone", place=place)
    rows = [_record(bound, *row) for row in columns.iter_rows()]
    types = {**record_types(pl.Int64, pl.Int64), "contact": pl.Int64}
    if not rows:
        return pl.DataFrame(schema={"contact": pl.Int64})
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def _record(
    bound: Bound, number: int, channel: str, entity: int, zone: str | None, place: str
) -> dict[str, Any]:
    records, target = bound.targets[number]
    minute = bound.rows.minute
    attempt = Attempt(
        minute=minute,
        channel=channel,
        person=target.key,
        role=target.role,
        debts=frozenset(map(str, records.account_ids)),
        address=target.address,
        place=place,
    )
    table = None if zone is None else zone_table(zone, minute)
    known = circumstances_of(records, target, str(entity), attempt, table)
    return _as_numbers(record_row(known), number)


#: What the frame of contacts says, of every person.
_OF_CONTACTS: Final = (
    *("artificial_voice", "autodialled", "used_address", "days_past_due", "employer_email"),
)


def _as_numbers(row: dict[str, Any], number: int) -> dict[str, Any]:
    for name in _OF_CONTACTS:
        del row[name]
    for name in ("calls_to", "times_to", "address_consent"):
        row[name] = None if row[name] is None else int(row[name])
    for name in ("disputed_debts", "calls_debts"):
        row[name] = None if row[name] is None else [int(each) for each in row[name]]
    row["blocked_addresses"] = [
        str(int(each[:_ADDRESS_DIGITS], 16)) for each in row["blocked_addresses"]
    ]
    return {**row, "contact": number}


# --- what was before ------------------------------------------------------------------------------


def _history(bound: Bound, able: pl.DataFrame) -> pl.DataFrame:
    """The past contacts of each group, oldest first, as the law reads them."""
    groups = able.unique("group", keep="first", maintain_order=True).select(
        "group", "entity", "target_role", mine="natural", related="related_id", owner="person_id"
    )
    found = bound.rows.history.join(
        groups, left_on="number", right_on="group", how="inner", maintain_order="left"
    )
    made = found.with_columns(*_who(found)).select(
        debtor="number",
        minute="minute",
        channel="channel",
        inbound="inbound",
        outcome=pl.col("outcome").fill_null("").replace({"": UNKNOWN_OUTCOME}),
        role="role",
        person=_person(pl.col("who_role"), pl.col("who"), pl.col("who_related")),
        actor=pl.col("entity_id").fill_null(pl.col("entity")),
        address=_address(pl.col("address")),
        place=_place(pl.col("channel"), pl.col("usage")),
        debts=_numbers("account_ids"),
        talked=pl.when("is_told")
        .then(_numbers("talked_account_ids"))
        .otherwise(_numbers("account_ids")),
    )
    # In its minute a talk comes last, as where like contacts are read together.
    talk = pl.col("outcome").is_in(sorted(CONVERSATION_OUTCOMES))
    made = made.sort("debtor", "minute", talk, maintain_order=True)
    refused = _refusals(bound, able)
    if len(refused):
        made = pl.concat([made, refused.select(made.columns)]).sort("debtor", maintain_order=True)
    return _by_particular_debt(_misdirected(made), able, bound)


def _numbers(name: str) -> pl.Expr:
    some = pl.when(pl.col(name) != "").then(pl.col(name))
    return some.str.split(",").cast(_LISTS).fill_null(pl.lit([], dtype=_LISTS))


def _who(found: pl.DataFrame) -> tuple[pl.Expr, ...]:
    """Person and role of each past contact, as `circumstances.contacts_of` tells them."""
    relations = {each: role_of(each) for each in found["relation"].unique().drop_nulls().to_list()}
    own = pl.col("related_id").is_null()
    by_relation = pl.lit(role_of("other"))
    if relations:
        by_relation = pl.col("relation").replace_strict(
            relations, default=role_of("other"), return_dtype=pl.String
        )
    role = pl.when(own).then(pl.lit("consumer")).otherwise(by_relation)
    natural = pl.when(own).then("person_id").otherwise("related_person_person_id")
    same = (natural == pl.col("mine")).fill_null(False)
    is_target = same | (pl.col("related_id") == pl.col("related")).fill_null(False)
    elsewhere = (role == "consumer") & (natural != pl.col("owner")).fill_null(True)
    mine = pl.col("target_role")
    # A contact with the target goes by the target's own role and name.
    return (
        pl.when(is_target & elsewhere).then(mine).otherwise(role).alias("role"),
        pl.when(is_target).then("mine").otherwise(natural).alias("who"),
        pl.when(is_target).then("related").otherwise("related_id").alias("who_related"),
        pl.when(is_target).then(mine).otherwise(role).alias("who_role"),
    )


def _misdirected(made: pl.DataFrame) -> pl.DataFrame:
    """When each address was found to be another's, by contacts since."""
    wrong = made.filter(
        (pl.col("outcome") == Outcome.WRONG_NUMBER_LEARNED) & pl.col("address").is_not_null()
    ).select("debtor", "address", learned="minute")
    if not len(wrong):
        return made
    rows = made.with_row_index("_row")
    since = (
        rows.select("_row", "debtor", "address", "minute")
        .join(wrong, on=["debtor", "address"], how="inner")
        .filter(pl.col("learned") >= pl.col("minute"))
        .group_by("_row")
        .agg(misdirected_from=pl.col("learned").min())
    )
    joined = rows.join(since, on="_row", how="left", maintain_order="left").drop("_row")
    return joined.with_columns(pl.col("misdirected_from").fill_null(NEVER))


def _refusals(bound: Bound, able: pl.DataFrame) -> pl.DataFrame:
    """What persons who do not owe refused by word of mouth, as contacts of the past."""
    entities = dict(able.select("number", "entity").iter_rows())
    groups = dict(able.select("number", "group").iter_rows())
    seen: set[int] = set()
    rows: list[Mapping[str, Any]] = []
    for number, (records, target) in bound.targets.items():
        group = groups.get(number)
        if group is None or group in seen:
            continue
        seen.add(group)
        rows += _refused(records, target, group, entities[number])
    types: dict[str, Any] = {
        **dict.fromkeys(("debtor", "minute", "person", "actor", "address"), pl.Int64),
        **dict.fromkeys(("channel", "outcome", "role", "place"), pl.String),
        "inbound": pl.Boolean,
        "debts": _LISTS,
        "talked": _LISTS,
    }
    return pl.DataFrame(rows, schema=types)


def _refused(records: Records, target: Target, group: int, entity: int) -> list[Mapping[str, Any]]:
    who = target.natural * 2 if target.natural is not None else (target.related_id or 0) * 2 + 1
    return [
        {
            "debtor": group,
            "minute": each.minute,
            "channel": str(each.channel),
            "inbound": each.inbound,
            "outcome": str(each.outcome),
            "role": each.role,
            "person": who * len(ROLE_NUMBERS) + ROLE_NUMBERS[each.role],
            "actor": entity,
            "address": None,
            "place": each.place,
            "debts": [],
            "talked": [],
        }
        for each in records.refusals(target, str(entity))
    ]


def _by_particular_debt(made: pl.DataFrame, able: pl.DataFrame, bound: Bound) -> pl.DataFrame:
    """Where some debts are one with others, the accounts beside the debts."""
    students = _student_products(bound)
    if not students:
        return made
    taken: dict[int, set[int]] = {}
    columns = ("group", "account_ids", "product_ids")
    for group, accounts, products in able.select(columns).iter_rows():
        if accounts:
            pairs = zip(accounts.split(","), products.split(","), strict=True)
            taken[group] = {int(a) for a, product in pairs if int(product) in students}

    def merged(name: str) -> pl.Series:
        rows = made.select("debtor", name).iter_rows()
        return pl.Series(
            [
                sorted({_STUDENT_GROUP if each in taken.get(group, ()) else each for each in ids})
                for group, ids in rows
            ],
            dtype=_LISTS,
        )

    return made.rename({"debts": "debt_ids", "talked": "talked_ids"}).with_columns(
        debts=merged("debts"), talked=merged("talked")
    )


def _used_addresses(contacts: pl.DataFrame, history: pl.DataFrame) -> pl.Series:
    """Whether the person used the address of the contact to write to this company, not to stop."""
    silent = sorted(UNSAID_OUTCOMES | {Outcome.STOP})
    said = pl.col("inbound") & ~pl.col("outcome").is_in(silent)
    wrote = history.filter(said & pl.col("address").is_not_null())
    keys = ["debtor", "address", "person", "actor"]
    if not len(wrote):
        return pl.repeat(False, len(contacts), dtype=pl.Boolean, eager=True)
    used = wrote.select(keys).unique().with_columns(_used=pl.lit(True))
    joined = contacts.select(keys).join(used, on=keys, how="left", maintain_order="left")
    return joined["_used"].fill_null(False)
