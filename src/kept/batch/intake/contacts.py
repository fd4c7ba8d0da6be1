"""Contact points of a chunk: several in a row, several in a cell, each number once an owner.

Columns are kept side by side, one a place where a contact point may stand, until all are
normalised; so the same number in two formats is seen as one without sorting or hashing anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.masking import masked_contacts
from kept.batch.intake.names import single_spaced
from kept.batch.intake.phone_cells import NUMBERS_IN_A_CELL_MAX, take_apart
from kept.batch.intake.phones import Phones, parse_phones
from kept.batch.intake.prepared import CONTACT_SCHEMA
from kept.core.intake import ContactConsent, ContactKind, ContactMap, RejectCode, Severity

__all__ = ["Contacts", "normalise_contacts", "read_contacts"]

_LENGTHS_MAX = {ContactKind.EMAIL: 254, ContactKind.ADDRESS: 500, ContactKind.HANDLE: 100}
# Nearly all addresses; the pattern for every script takes thirty times as long.
_PLAIN_EMAIL = r"^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$"
_EMAIL = (
    r"^[^\s@<>()\[\],;:\\\x22]+@"
    r"(?:[\p{L}0-9](?:[\p{L}0-9-]{0,61}[\p{L}0-9])?\.)+[\p{L}][\p{L}0-9-]{0,61}[\p{L}0-9]$"
)


@dataclass(slots=True)
class _Place:
    """Where one contact point of a row may stand: a column, or the nth number in a cell of it."""

    contact: ContactMap
    text: pl.Series
    countries: pl.Series
    consents: pl.Series
    values: pl.Series
    position: pl.Series
    others: list[_Place] = field(default_factory=list)  # further numbers found in the same cells

    @property
    def owner(self) -> tuple[int | None, ContactKind]:
        return self.contact.related, self.contact.kind


@dataclass(frozen=True, slots=True)
class Contacts:
    """`frame` is the long form; `content` the same by row and map entry, for hashing."""

    frame: pl.DataFrame
    content: dict[str, pl.Series]


def read_contacts(
    chunk: Chunk, maps: Iterable[ContactMap], countries: pl.Series, owners: dict[int, pl.Series]
) -> Contacts:
    """`countries` are the debtors'; `owners` say which related persons exist."""
    places = [place for each in maps for place in _places(chunk, each, countries)]
    by_kind: dict[ContactKind, list[_Place]] = defaultdict(list)
    for place in places:
        by_kind[place.contact.kind].append(place)
    for kind, mine in by_kind.items():
        _normalise(chunk, kind, mine)
    places = [each for place in places for each in (place, *place.others)]
    for place in places:
        _drop_ownerless(chunk, place, owners)
    _number(places)
    return Contacts(_long(chunk, places), _content(places))


def _places(chunk: Chunk, contact: ContactMap, countries: pl.Series) -> list[_Place]:
    text = chunk.text(contact.value)
    if contact.country is not None:
        countries = chunk.text(contact.country).str.to_uppercase()
    consents = constant(ContactConsent.UNKNOWN.value, chunk.height, pl.String())
    if contact.consent is not None:
        consents = chunk.text(contact.consent).fill_null(ContactConsent.UNKNOWN.value)
    unfilled = nothing(chunk.height, pl.String()), nothing(chunk.height, pl.Int16())
    return [
        _Place(contact, each, countries, consents, *unfilled)
        for each in _in_cell(text, contact.value.separator)
    ]


def _in_cell(text: pl.Series, separator: str | None) -> list[pl.Series]:
    """The first, second… number of each cell; each empty one null."""
    if separator is None:
        return [text]
    several = text.str.split(separator)
    most = max(several.list.len().drop_nulls().to_list(), default=1)
    if most > NUMBERS_IN_A_CELL_MAX:
        # Too many: the cell stays one text, which will be no contact point.
        several = several.set(several.list.len() > NUMBERS_IN_A_CELL_MAX, None)
        whole = text.set(several.is_not_null(), None)
        return [whole, *_split(several, NUMBERS_IN_A_CELL_MAX)]
    return _split(several, most)


def _split(several: pl.Series, most: int) -> list[pl.Series]:
    parts = [several.list.get(place, null_on_oob=True).str.strip_chars() for place in range(most)]
    return [part.set(part == "", None) for part in parts]


def normalise_contacts(kind: ContactKind, texts: pl.Series, countries: pl.Series) -> Phones:
    """Texts as contact points of one kind are kept; null, with a code, where one is none."""
    match kind:
        case ContactKind.PHONE:
            return parse_phones(texts, countries)
        case ContactKind.EMAIL:
            values, code = _emails(texts)
        case ContactKind.ADDRESS | ContactKind.HANDLE:
            values, code = _plain(texts, kind)
    return Phones(values, countries, code)


def _normalise(chunk: Chunk, kind: ContactKind, places: list[_Place]) -> None:
    """All places of one kind in one go, then each its part of the result."""
    texts = pl.concat([place.text for place in places])
    countries = pl.concat([place.countries for place in places])
    found = normalise_contacts(kind, texts, countries)
    values, countries, code = found.values, found.countries, found.code
    height = chunk.height
    for at, place in enumerate(places):
        asked = place.countries
        place.values = values.slice(at * height, height)
        place.countries = countries.slice(at * height, height)
        if code is None:
            continue
        mine = code.slice(at * height, height)
        if kind is ContactKind.PHONE and place.contact.value.separator is None:
            mine = _take_apart(place, asked, mine)
        _note(chunk, place, asked, mine)


def _take_apart(place: _Place, asked: pl.Series, code: pl.Series) -> pl.Series:
    """Cells that are no number and hold several; returns the codes that are left."""
    at = (code.is_not_null() & place.text.is_not_null()).arg_true()
    if not len(at):
        return code
    several = take_apart(place.text.gather(at), asked.gather(at))
    for number, found in enumerate(several):
        filled = found.values.is_not_null()
        rows, values = at.filter(filled), found.values.filter(filled)
        countries = place.countries.clone().scatter(rows, found.countries.filter(filled))
        if number == 0:
            code = code.scatter(rows, None)
            place.values, place.countries = place.values.clone().scatter(rows, values), countries
        else:
            empty = nothing(len(place.text), pl.String())
            place.others.append(
                replace(place, values=empty.scatter(rows, values), countries=countries, others=[])
            )
    return code


def _emails(texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    lower = texts.str.to_lowercase()
    good = lower.str.contains(_PLAIN_EMAIL)
    if not good.all():
        good = good | lower.str.contains(_EMAIL)
    good = good & (lower.str.len_bytes() <= _LENGTHS_MAX[ContactKind.EMAIL])
    if good.all():
        return lower, None
    bad = nothing(len(texts), pl.String()).set(~good, RejectCode.BAD_EMAIL.value)
    return lower.set(~good, None), bad


def _plain(texts: pl.Series, kind: ContactKind) -> tuple[pl.Series, pl.Series | None]:
    spaced, control = single_spaced(texts)
    long = spaced.str.len_chars() > _LENGTHS_MAX[kind]
    if not (long.any() or control.any()):
        return spaced, None
    code = nothing(len(texts), pl.String()).set(long, RejectCode.TOO_LONG.value)
    code = code.set(control, RejectCode.CONTROL_CHARACTER.value)
    return spaced.set(code.is_not_null(), None), code


def _note(chunk: Chunk, place: _Place, asked: pl.Series, code: pl.Series) -> None:
    for each in code.drop_nulls().unique().to_list():
        chunk.refuse(
            (code == each) & place.text.is_not_null(),
            place.contact.path,
            RejectCode(each),
            severity=Severity.WARNING,
            values=place.text,
            column=place.contact.value.column or "",
            country=asked.fill_null("?") if each == RejectCode.BAD_PHONE else "",
            found=place.text.str.len_chars(),
            most=_LENGTHS_MAX.get(place.contact.kind, 0),
        )


def _drop_ownerless(chunk: Chunk, place: _Place, owners: dict[int, pl.Series]) -> None:
    if place.contact.related is None:
        return
    alone = place.values.is_not_null() & ~owners[place.contact.related]
    chunk.refuse(
        alone,
        place.contact.path,
        RejectCode.CONTACT_WITHOUT_OWNER,
        values=place.text,
        column=place.contact.value.column or "",
    )
    if alone.any():
        place.values = place.values.set(alone, None)


def _number(places: list[_Place]) -> None:
    """Drop what an owner has already, and count from 1 within owner and kind."""
    by_owner: dict[tuple[int | None, ContactKind], list[_Place]] = defaultdict(list)
    for place in places:
        earlier = by_owner[place.owner]
        for other in earlier:
            same = (place.values == other.values).fill_null(False)
            if same.any():
                place.values = place.values.set(same, None)
        count = sum((each.values.is_not_null().cast(pl.Int16) for each in earlier), start=1)
        one = constant(1, len(place.values), pl.Int16())
        place.position = (one * count).cast(pl.Int16) if earlier else one
        earlier.append(place)


def _long(chunk: Chunk, places: list[_Place]) -> pl.DataFrame:
    if not places:
        return pl.DataFrame(schema=dict(CONTACT_SCHEMA))
    return pl.concat([_long_of(chunk, place) for place in places])


def _long_of(chunk: Chunk, place: _Place) -> pl.DataFrame:
    contact = place.contact
    frame = pl.DataFrame(
        {
            "line_no": chunk.lines,
            "value": place.values,
            "country": place.countries,
            "consent": place.consents,
            "position": place.position,
        }
    )
    dropped = place.values.is_null() | chunk.rejected
    if dropped.any():
        frame = frame.filter(~dropped)
    masked = masked_contacts(contact.kind, frame["value"])
    return frame.select(
        "line_no",
        pl.lit(contact.related, dtype=pl.Int16).alias("related_index"),
        pl.lit(contact.kind.value).alias("kind"),
        pl.lit(contact.usage).alias("usage"),
        "value",
        "country",
        masked.alias("masked"),
        pl.lit("unknown").alias("validity"),
        "consent",
        pl.lit(contact.source).alias("source"),
        "position",
    )


def _content(places: list[_Place]) -> dict[str, pl.Series]:
    """What the row's hash covers: values and recorded consents, several of a cell in one text."""
    by_map: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        by_map[place.contact.path].append(place)
    content = {}
    for path, mine in by_map.items():
        contact = mine[0].contact
        name = f"{path}.{contact.related or 0}.{contact.kind}.{contact.usage}.{contact.source}"
        content[name] = mine[0].values
        if len(mine) > 1:
            values = pl.DataFrame({str(at): each.values for at, each in enumerate(mine)})
            joined = pl.concat_str(pl.all(), separator="\x1d", ignore_nulls=True)
            # Without a value it is null, as it is where no cell of the chunk holds several.
            some = pl.when(pl.any_horizontal(pl.all().is_not_null())).then(joined)
            content[name] = values.select(some.alias("joined")).to_series()
        if contact.consent is not None:
            content[f"{name}.consent"] = mine[0].consents
    return content
