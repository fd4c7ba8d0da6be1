"""Why a whole file goes to quarantine after it was read: totals, rejects, and what cannot be meant.

Reasons for which a file cannot even be read are `FileCode`. Codes are part of the protocol with
creditors: none changes its meaning. Nothing of a file in quarantine is applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["QUARANTINE_SENTENCES", "Quarantine", "QuarantineCode", "compare_totals", "reject_share"]


class QuarantineCode(StrEnum):
    TOTALS_DISAGREE = "totals_disagree"
    TOO_MANY_REJECTS = "too_many_rejects"
    NO_ROWS = "no_rows"
    AS_OF_IN_FUTURE = "as_of_in_future"
    SET_ASIDE = "set_aside"


QUARANTINE_SENTENCES: Mapping[QuarantineCode, str] = {
    QuarantineCode.TOTALS_DISAGREE: "The totals declared with the file are not those of the file"
    " ({differing}): it was cut or changed on its way; send it again under a new file id.",
    QuarantineCode.TOO_MANY_REJECTS: "{rejected} of {rows} rows are refused, more than {most} per"
    " mille: correct the file or the map, and send it under a new file id.",
    QuarantineCode.NO_ROWS: "The file covers all accounts and has no row: an empty full file is"
    " not believed.",
    QuarantineCode.AS_OF_IN_FUTURE: "The figures are dated {as_of}, after the business date"
    " {today}.",
    QuarantineCode.SET_ASIDE: "A person set the file aside: {reason}",
}


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The reason with the values of its sentence."""

    code: QuarantineCode
    detail: Mapping[str, Any]


def compare_totals(declared: Mapping[str, Any], found: Mapping[str, Any]) -> Quarantine | None:
    """Totals declared with a file against those counted, exactly; only what is declared counts.

    Both hold `rows`, `hash_total`, and `amounts_minor` by currency. A currency that is on one side
    only disagrees, unless its amount is 0.
    """
    differing = {
        name: [declared[name], found[name]]
        for name in ("rows", "hash_total")
        if declared.get(name) is not None and declared[name] != found[name]
    }
    if declared.get("amounts_minor") is not None:
        said, counted = declared["amounts_minor"], found["amounts_minor"]
        differing |= {
            currency: [said.get(currency, 0), counted.get(currency, 0)]
            for currency in sorted({*said, *counted})
            if said.get(currency, 0) != counted.get(currency, 0)
        }
    if not differing:
        return None
    words = ", ".join(f"{name}: {said} / {counted}" for name, (said, counted) in differing.items())
    return Quarantine(
        QuarantineCode.TOTALS_DISAGREE, {"differing": words, "declared_and_found": differing}
    )


def reject_share(rejected: int, rows: int, most_per_mille: int) -> Quarantine | None:
    """Too many refused rows say that something is wrong with the file, not with the rows."""
    if rejected * 1000 <= rows * most_per_mille:
        return None
    detail = {"rejected": rejected, "rows": rows, "most": most_per_mille}
    return Quarantine(QuarantineCode.TOO_MANY_REJECTS, detail)
