"""Of many intended contacts: for whom each is, who acts, where they may be, which law binds.

What few people differ in is answered once for each of its values, by the functions of one contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import polars as pl

from kept.core.law.lawbook import LawBook
from kept.core.law.times import BEFORE_ALL
from kept.core.law.vocabulary import ROLES
from kept.store.cipher import house_cipher
from kept.work.circumstances import Records, Target, role_of
from kept.work.intended_rows import IntendedRows
from kept.work.law_books import binding_packs, law_book, licence_codes, switches_of
from kept.work.numbers import zones_beside
from kept.work.places import (
    Place,
    Whereabouts,
    holidays_of,
    whereabouts,
    whereabouts_of_related,
    zone_tables,
)
from kept.work.situations import (
    NoEngagement,
    complete_from,
    countries_of,
    lacks_of,
    mandate_of,
)

__all__ = ["ROLE_NUMBERS", "Bound"]

ROLE_NUMBERS: Final[Mapping[str, int]] = {role: number for number, role in enumerate(ROLES)}

_NO_RECORDS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("stops", "circumstances", "consents", "representations", "disputes"), ()),
    "is_vulnerable": False,
    "has_performing_plan": False,
}
_NO_MARKS: Final[Mapping[str, Any]] = {
    "has_attorney": False,
    "hold_reasons": None,
    "numbers_invalid": False,
}


class Bound:
    """The contacts with what binds them; `books` and `holidays` by what the columns name.

    Columns beside those of the parties: `target_role`, `natural`, `entity` (null where nobody holds
    the mandate), `actor_type`, `own_name`, `zone`, `candidates`, `holidays`, `book`,
    `has_residence`, `complete_from`.
    """

    def __init__(self, rows: IntendedRows) -> None:
        self.rows = rows
        self.books: list[LawBook] = []
        self.holidays: dict[str, frozenset[int]] = {}
        self.targets = _targets(rows)
        self.frame = self._placed(self._mandated(_with_roles(rows, self.targets)))

    def _mandated(self, frame: pl.DataFrame) -> pl.DataFrame:
        keys = ["product_ids", "team_entity_id"]
        return _answered(frame, keys, self._mandate, _MANDATE)

    def _mandate(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        products = [int(each) for each in _parts(row["product_ids"])]
        asked = {
            "engagements": self.rows.creditor["engagements"],
            "accounts": [{"product_id": each} for each in products],
            "team_entity_id": row["team_entity_id"],
        }
        try:
            found = mandate_of(asked, None)
        except NoEngagement:
            return dict.fromkeys(_MANDATE)
        codes = licence_codes(self.rows.creditor["creditor_country"], ()) | licence_codes(
            found["country"], found["licences"]
        )
        return {
            "entity": found["entity_id"],
            "actor_type": found["type"],
            "own_name": bool(found["own_name"]),
            "licences": ",".join(sorted(codes)),
        }

    def _placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        frame = frame.with_columns(
            *_residence("own", pl.col("has_own_home"), pl.lit(True)),
            *_residence("home", pl.col("has_home"), pl.col("related_id").is_null()),
            is_related=pl.col("related_id").is_not_null(),
        ).with_columns(
            **_present(frame, self._present(), "present"),
            **_present(frame, self._present_of_debtors(), "own_present"),
        )
        frame = _of_related_alone(frame).with_columns(**_numbers(frame))
        placed = _answered(frame, list(_PLACE_KEYS), self._place, _PLACE)
        return _answered(
            placed.with_columns(creditor_ids=self._knowing(placed)),
            ["creditor_ids", "entity"],
            self._complete_from,
            {"complete_from": pl.Int64},
        )

    def _place(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        where = self._where(row)
        book = self._book(where, row["licences"])
        countries = sorted(countries_of(where, book))
        name = ",".join(countries)
        self.holidays[name] = holidays_of(countries, self.rows.minute)
        tables = zone_tables(where.zones, self.rows.minute)
        return {
            "zone": where.zone,
            "candidates": ",".join(table.zone for table in tables),
            "holidays": name or None,
            "book": self.books.index(book),
            "has_residence": "residence" not in lacks_of(where, BEFORE_ALL),
        }

    def _where(self, row: Mapping[str, Any]) -> Whereabouts:
        creditor = self.rows.creditor
        of_creditor = Place(creditor["creditor_country"], "", (creditor["creditor_zone"],))
        present = _place_of(row, "present")
        if not row["is_related"]:
            return whereabouts(
                residence=_place_of(row, "home") or Place(),
                present=present,
                number=None,
                creditor=of_creditor,
                of_number=_parts(row["number_zones"]),
            )
        around = (_place_of(row, "own"), _place_of(row, "own_present"))
        return whereabouts_of_related(
            residence=_place_of(row, "home"),
            present=present,
            number=row["telephone"],
            debtor=[each for each in around if each is not None],
            creditor=of_creditor,
        )

    def _present(self) -> dict[int, Place]:
        """By contact the place that somebody stated for now."""
        minute = self.rows.minute
        found = ((number, r.present_place(t, minute)) for number, (r, t) in self.targets.items())
        return {number: place for number, place in found if place is not None}

    def _present_of_debtors(self) -> dict[int, Place]:
        minute = self.rows.minute
        return {
            number: place
            for number, (records, target) in self.targets.items()
            if target.related_id is not None
            and (place := records.present_place(_debtor(records), minute)) is not None
        }

    def _book(self, where: Whereabouts, licences: str | None) -> LawBook:
        switches = switches_of(self.rows.creditor["switches"])
        book = law_book(binding_packs(where.codes, frozenset(_parts(licences))), switches)
        if book not in self.books:
            self.books.append(book)
        return book

    def _knowing(self, frame: pl.DataFrame) -> pl.Series:
        own = (self.rows.creditor_id,)
        names = {
            group: ",".join(map(str, sorted({*ids, *own})))
            for group, ids in self.rows.knowing.items()
        }
        if not names:
            return pl.repeat(str(own[0]), len(frame), dtype=pl.String, eager=True)
        return frame["group"].replace_strict(names, default=str(own[0]), return_dtype=pl.String)

    def _complete_from(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row["entity"] is None:
            return {"complete_from": None}
        known = [self.rows.histories[int(each)] for each in _parts(row["creditor_ids"])]
        return {"complete_from": complete_from(known, row["entity"])}


_MANDATE: Final[Mapping[str, Any]] = {
    "entity": pl.Int64,
    "actor_type": pl.String,
    "own_name": pl.Boolean,
    "licences": pl.String,
}
_PLACE: Final[Mapping[str, Any]] = {
    "zone": pl.String,
    "candidates": pl.String,
    "holidays": pl.String,
    "book": pl.Int64,
    "has_residence": pl.Boolean,
}
_PLACE_KEYS: Final = (
    *("home_country", "home_region", "home_zones", "present_country", "present_region"),
    *("present_zones", "number_zones", "licences", "is_related", "telephone", "own_country"),
    *("own_region", "own_zones", "own_present_country", "own_present_region"),
    "own_present_zones",
)


def _answered(
    frame: pl.DataFrame,
    keys: list[str],
    answer: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    types: Mapping[str, Any],
) -> pl.DataFrame:
    """With the columns of an answer that depends on some of its own alone, asked once for each."""
    different = frame.select(keys).unique(maintain_order=True)
    answers = [answer(row) for row in different.iter_rows(named=True)]
    found = different.hstack(pl.DataFrame(answers, schema=dict(types)))
    return frame.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _parts(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(",")) if joined else ()


# --- whom it reaches ------------------------------------------------------------------------------


def _targets(rows: IntendedRows) -> dict[int, tuple[Records, Target]]:
    """What is recorded about those contacts about whom anything is, by the contact's number."""
    some = {*rows.records, *rows.marks}
    told = pl.col("is_withdrawn") | (pl.col("close_reason") == "paid")
    found = rows.parties.filter(pl.col("group").is_in(list(some)) | told.fill_null(False))
    return {row["number"]: _recorded(rows, row) for row in found.iter_rows(named=True)}


def _recorded(rows: IntendedRows, row: Mapping[str, Any]) -> tuple[Records, Target]:
    group = row["group"]
    found, marks = rows.records.get(group, _NO_RECORDS), rows.marks.get(group, _NO_MARKS)
    records = Records(
        stops=found["stops"],
        circumstances=found["circumstances"],
        consents=found["consents"],
        representations=found["representations"],
        disputes=found["disputes"],
        is_vulnerable=found["is_vulnerable"],
        has_performing_plan=found["has_performing_plan"],
        holds=frozenset(_parts(marks["hold_reasons"])),
        has_attorney=marks["has_attorney"],
        numbers_invalid=marks["numbers_invalid"],
        is_paid=row["close_reason"] == "paid",
        withdrawn_address=row["address"] if row["is_withdrawn"] else None,
        debtor_id=row["debtor_id"],
        person_id=row["person_id"],
        account_ids=frozenset(map(int, _parts(row["account_ids"]))),
    )
    related = row["related_id"]
    if related is None:
        target = Target("consumer", row["person_id"], None, row["address"])
    else:
        role, natural = role_of(row["relation"]), row["related_person_person_id"]
        target = Target(role, natural, related, row["address"])
    return records, target.represented_as(records)


def _with_roles(rows: IntendedRows, targets: Mapping[int, tuple[Records, Target]]) -> pl.DataFrame:
    frame = rows.parties
    relations = frame["relation"].unique().drop_nulls().to_list()
    roles = {relation: role_of(relation) for relation in relations}
    own = pl.col("related_id").is_null()
    role = pl.lit("consumer")
    if roles:
        by_relation = pl.col("relation").replace_strict(
            roles, default=role_of(""), return_dtype=pl.String
        )
        role = pl.when(own).then(pl.lit("consumer")).otherwise(by_relation)
    natural = pl.when(own).then("person_id").otherwise("related_person_person_id")
    frame = frame.with_columns(target_role=role, natural=natural)
    represented = {
        number: target.role
        for number, (_, target) in targets.items()
        if target.related_id is not None
    }
    if not represented:
        return frame
    known = pl.col("number").replace_strict(represented, default=None, return_dtype=pl.String)
    return frame.with_columns(target_role=known.fill_null(pl.col("target_role")))


# --- where they may be ----------------------------------------------------------------------------


def _debtor(records: Records) -> Target:
    return Target("consumer", records.person_id, None, None)


def _residence(name: str, recorded: pl.Expr, filed: pl.Expr) -> Iterable[pl.Expr]:
    """A recorded residence, else what the creditor's file says of a debtor's; null for neither."""

    def column(of_record: str, of_file: pl.Expr) -> pl.Expr:
        known = pl.when(recorded).then(pl.col(f"{name}_{of_record}").fill_null(""))
        return known.when(filed).then(of_file)

    return (
        column("country", pl.col("debtor_country").fill_null("")).alias(f"{name}_country"),
        column("region", pl.lit("")).alias(f"{name}_region"),
        column("zone", pl.col("debtor_zones").fill_null("")).alias(f"{name}_zones"),
    )


def _present(frame: pl.DataFrame, places: Mapping[int, Place], name: str) -> dict[str, pl.Series]:
    """Places by contact as columns, null where there is none."""
    numbers = frame["number"].to_list() if places else []

    def column(read: Callable[[Place], str]) -> pl.Series:
        if not places:
            return pl.repeat(None, len(frame), dtype=pl.String, eager=True)
        return pl.Series(
            [read(places[each]) if each in places else None for each in numbers], dtype=pl.String
        )

    return {
        f"{name}_country": column(lambda place: place.country),
        f"{name}_region": column(lambda place: place.region),
        f"{name}_zones": column(lambda place: ",".join(place.zones)),
    }


def _of_related_alone(frame: pl.DataFrame) -> pl.DataFrame:
    """Without what places of debtors say beside their own, which only others are judged by."""
    names = ("own_country", "own_region", "own_zones")
    return frame.with_columns(pl.when("is_related").then(pl.col(name)) for name in names)


def _place_of(row: Mapping[str, Any], name: str) -> Place | None:
    if row[f"{name}_country"] is None:
        return None
    return Place(row[f"{name}_country"], row[f"{name}_region"], _parts(row[f"{name}_zones"]))


def _numbers(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Of debtors the zones that a number's prefix speaks for, beside those of the residence; of
    others the number itself, whose country speaks too."""
    opened = house_cipher().open
    zones_of: list[str | None] = []
    numbers: list[str | None] = []
    homes: dict[tuple[str, str, str], tuple[str, ...]] = {}
    columns = ("home_country", "home_region", "home_zones", "is_related", "number_cipher")
    for country, region, zones, is_related, cipher in frame.select(columns).iter_rows():
        number = None if cipher is None else opened("phone", bytes.fromhex(cipher))
        numbers.append(number if is_related else None)
        if number is None or is_related:
            zones_of.append(None)
            continue
        place = (country, region, zones)
        if place not in homes:
            homes[place] = Place(country, region, _parts(zones)).possible_zones
        zones_of.append(",".join(zones_beside(homes[place], number)) or None)
    kind = pl.String
    return {
        "number_zones": pl.Series(zones_of, dtype=kind),
        "telephone": pl.Series(numbers, dtype=kind),
    }
