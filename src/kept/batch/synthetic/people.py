"""The debtors of one synthetic lender, in columns: who they are, how they are reached, who is near.

Knows nothing of accounts, files or tables. All columns are neutral; a lender's file puts its own
headings and codes over them. Numbers come from `fiction`, names from `wording`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from kept.batch.synthetic import fiction, wording
from kept.batch.synthetic.lenders import MadeUpCreditor

__all__ = ["HOLD_SHARES", "Crowd", "people_of", "with_holds"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Share of debtors with each mark by the end of the ninety days.
HOLD_SHARES = {
    "deceased": 0.004,
    "bankrupt": 0.005,
    "fraud": 0.002,
    "disputed": 0.012,
    "complaint": 0.006,
    "vulnerable": 0.008,
    "legal": 0.004,
}

# Serial numbers of people around a debtor, apart from the debtors' own.
_GUARANTORS = 2_000_000
_NOMINATED = 4_000_000
_EMPLOYERS = 6_000_000
_SECOND_PHONES = 8_000_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """Serial numbers of a lender's debtors, and which of them are companies.

    `known_elsewhere` holds name, language, identity_country and identity_number of persons of
    another lender: the first debtors here, none of them a company, are these persons.
    """

    serials: Integers
    is_company: Booleans
    known_elsewhere: pl.DataFrame | None = None

    @property
    def size(self) -> int:
        return len(self.serials)


def people_of(lender: MadeUpCreditor, crowd: Crowd, draw: Generator) -> pl.DataFrame:
    """One row a debtor. Columns:

    debtor, debtor_id, kind, name, language, zone, identity_kind, identity_country,
    identity_number, phone, second_phone, email, address, employer, employer_phone, guarantor,
    guarantor_phone, guarantor_identity, nominated, nominated_relation, nominated_phone,
    representative. What a debtor lacks is null.
    """
    local = _chinese(crowd, draw) if lender.country == "CN" else _american(crowd, draw)
    shared = {
        "debtor": pl.Series(np.arange(crowd.size)),
        "kind": _either(crowd.is_company, "company", "person"),
        "email": _kept_where(draw.random(crowd.size) < 0.6, _emails(crowd.serials)),
    }
    return _with_known(pl.DataFrame({**shared, **local}), crowd.known_elsewhere)


def _with_known(people: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    if known is None or known.is_empty():
        return people
    rest = people.slice(known.height)
    same = people.head(known.height).with_columns(known)
    return pl.concat([same, rest])


def with_holds(
    people: pl.DataFrame, draw: Generator, first_day: date, last_day: date
) -> pl.DataFrame:
    """Adds hold_reason and hold_on: half of the marks stand at the beginning, half come later."""
    size = people.height
    shares = np.cumsum(list(HOLD_SHARES.values()))
    place = np.searchsorted(shares, draw.random(size))
    reasons = pl.Series([*HOLD_SHARES, None], dtype=pl.String).gather(place)
    span = (last_day - first_day).days
    waited = np.where(draw.random(size) < 0.5, 0, draw.integers(1, span, size))
    begun = pl.Series(np.datetime64(first_day) + waited.astype("timedelta64[D]")).cast(pl.Date)
    return people.with_columns(hold_reason=reasons, hold_on=begun)


def _chinese(crowd: Crowd, draw: Generator) -> dict[str, pl.Series]:
    serials, company = crowd.serials, crowd.is_company
    owner = fiction.chinese_identities(serials)
    codes = fiction.chinese_company_codes(serials)
    works = ~company & (draw.random(crowd.size) < 0.45)
    guaranteed = draw.random(crowd.size) < np.where(company, 0.7, 0.08)
    nominates = ~company & (draw.random(crowd.size) < 0.55)
    return {
        "debtor_id": _numbered("KH", serials),
        "name": _chosen(
            company, _chinese_companies(draw, crowd.size), _chinese_names(draw, company)
        ),
        "language": _constant("zh-Hans", crowd.size),
        "zone": _constant("Asia/Shanghai", crowd.size),
        "identity_kind": _either(company, "company_number", "national_id"),
        "identity_country": _constant("CN", crowd.size),
        "identity_number": _chosen(company, codes, owner),
        "phone": fiction.chinese_mobiles(serials),
        "second_phone": _kept_where(
            draw.random(crowd.size) < 0.25, fiction.chinese_mobiles(serials + _SECOND_PHONES)
        ),
        "address": _chinese_addresses(draw, crowd.size),
        "employer": _kept_where(works, _chinese_companies(draw, crowd.size)),
        "employer_phone": _kept_where(works, fiction.chinese_mobiles(serials + _EMPLOYERS)),
        "guarantor": _kept_where(guaranteed, _chinese_names(draw, company)),
        "guarantor_phone": _kept_where(guaranteed, fiction.chinese_mobiles(serials + _GUARANTORS)),
        "guarantor_identity": _kept_where(
            guaranteed, fiction.chinese_identities(serials + _GUARANTORS)
        ),
        "nominated": _kept_where(nominates, _chinese_names(draw, company)),
        "nominated_relation": _kept_where(
            nominates, _picked(draw, ("spouse", "family", "friend", "colleague"), crowd.size)
        ),
        "nominated_phone": _kept_where(nominates, fiction.chinese_mobiles(serials + _NOMINATED)),
        "representative": _kept_where(company, _chinese_names(draw, company)),
    }


def _american(crowd: Crowd, draw: Generator) -> dict[str, pl.Series]:
    serials, company = crowd.serials, crowd.is_company
    place = _american_places(draw, crowd.size)
    spanish = ~company & (draw.random(crowd.size) < 0.12)
    guaranteed = draw.random(crowd.size) < np.where(company, 0.6, 0.04)
    nominates = ~company & (draw.random(crowd.size) < 0.3)
    works = ~company & (draw.random(crowd.size) < 0.35)
    return {
        "debtor_id": _numbered("C-", serials),
        "name": _chosen(
            company, _american_companies(draw, crowd.size), _english_names(draw, spanish)
        ),
        "language": _either(spanish, "es", "en"),
        "zone": place["zone"],
        **_american_identities(crowd),
        "phone": fiction.us_phones(place["area_code"], draw.integers(0, 100, crowd.size)),
        "second_phone": _kept_where(
            draw.random(crowd.size) < 0.2,
            fiction.us_phones(place["second_area_code"], draw.integers(0, 100, crowd.size)),
        ),
        "address": place["address"],
        "employer": _kept_where(works, _american_companies(draw, crowd.size)),
        "employer_phone": _kept_where(
            works, fiction.us_phones(place["area_code"], draw.integers(0, 100, crowd.size))
        ),
        "guarantor": _kept_where(guaranteed, _english_names(draw, spanish)),
        "guarantor_phone": _kept_where(
            guaranteed, fiction.us_phones(place["area_code"], draw.integers(0, 100, crowd.size))
        ),
        "guarantor_identity": pl.Series([None], dtype=pl.String).new_from_index(0, crowd.size),
        "nominated": _kept_where(nominates, _english_names(draw, spanish)),
        "nominated_relation": _kept_where(
            nominates, _picked(draw, ("spouse", "family", "friend", "attorney"), crowd.size)
        ),
        "nominated_phone": _kept_where(
            nominates, fiction.us_phones(place["area_code"], draw.integers(0, 100, crowd.size))
        ),
        "representative": _kept_where(company, _english_names(draw, spanish)),
    }  # fmt: skip


def _american_identities(crowd: Crowd) -> dict[str, pl.Series]:
    return {
        "identity_kind": _either(crowd.is_company, "tax_number", "national_id"),
        "identity_country": _constant("US", crowd.size),
        "identity_number": _chosen(
            crowd.is_company,
            fiction.employer_numbers(crowd.serials),
            fiction.social_security_numbers(crowd.serials),
        ),
    }


def _chinese_names(draw: Generator, like: Booleans) -> pl.Series:
    size = len(like)
    given = _picked(draw, wording.CHINESE_GIVEN, size)
    short = pl.select(
        pl.when(pl.lit(pl.Series(draw.random(size) < 0.2)))
        .then(pl.lit(given).str.slice(0, 1))
        .otherwise(pl.lit(given))
    ).to_series()
    return _picked(draw, wording.CHINESE_SURNAMES, size) + short


def _english_names(draw: Generator, spanish: Booleans) -> pl.Series:
    size = len(spanish)
    given = _chosen(
        spanish,
        _picked(draw, wording.SPANISH_GIVEN, size),
        _picked(draw, wording.ENGLISH_GIVEN, size),
    )
    initial = _picked(draw, tuple("ABCDEFGHJKLMNPRSTW"), size)
    return given + " " + initial + ". " + _picked(draw, wording.ENGLISH_SURNAMES, size)


def _chinese_companies(draw: Generator, size: int) -> pl.Series:
    words = _picked(draw, wording.CHINESE_COMPANY_WORDS, size)
    trades = _picked(draw, wording.CHINESE_TRADES, size)
    return "虚构市" + words + trades + "有限公司"


def _american_companies(draw: Generator, size: int) -> pl.Series:
    words = _picked(draw, wording.ENGLISH_SURNAMES, size)
    return words + " Sample " + _picked(draw, wording.ENGLISH_TRADES, size) + " LLC"


def _chinese_addresses(draw: Generator, size: int) -> pl.Series:
    street = _picked(draw, wording.CHINESE_STREETS, size)
    house, flat = _texts(draw.integers(1, 400, size)), _texts(draw.integers(101, 2700, size))
    return "虚构省样本市示例区" + street + house + "号" + flat + "室"


def _american_places(draw: Generator, size: int) -> dict[str, pl.Series]:
    state = draw.integers(0, len(wording.STATES), size)
    codes = [codes.split() for _, _, codes in wording.STATES]
    counts = np.array([len(each) for each in codes])
    starts = np.cumsum(counts) - counts
    flat = pl.Series([code for each in codes for code in each])
    # ZIP codes from 00000 to 00499 were never given out.
    zips = _texts(draw.integers(0, 500, size)).str.zfill(5)
    names = pl.Series([name for name, _, _ in wording.STATES]).gather(state)
    street = (
        _texts(draw.integers(1, 9000, size)) + " " + _picked(draw, wording.ENGLISH_STREETS, size)
    )
    return {
        "zone": pl.Series([zone for _, zone, _ in wording.STATES]).gather(state),
        "area_code": flat.gather(starts[state] + draw.integers(0, counts[state])),
        "second_area_code": flat.gather(starts[state] + draw.integers(0, counts[state])),
        "address": street + ", Sampleton, " + names + " " + zips,
    }


def _emails(serials: Integers) -> pl.Series:
    domains = pl.Series(["example.com", "example.net", "example.org"]).gather(serials % 3)
    return "debtor" + _texts(serials) + "@" + domains


def _numbered(prefix: str, serials: Integers) -> pl.Series:
    return prefix + _texts(serials + 1).str.zfill(7)


def _texts(values: Integers) -> pl.Series:
    return pl.Series(values).cast(pl.String)


def _constant(value: str, size: int) -> pl.Series:
    return pl.Series([value]).new_from_index(0, size)


def _picked(draw: Generator, words: Sequence[str], size: int) -> pl.Series:
    return pl.Series(list(words)).gather(draw.integers(0, len(words), size))


def _either(choice: Booleans, yes: str, no: str) -> pl.Series:
    return pl.Series([no, yes]).gather(choice.astype(np.int64))


def _chosen(choice: Booleans, yes: pl.Series, no: pl.Series) -> pl.Series:
    return yes.zip_with(pl.Series(choice), no)


def _kept_where(choice: Booleans, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.lit(pl.Series(choice))).then(pl.lit(values))).to_series()
