"""What `kept intake` prints of a file: the acknowledgement for a person, in the active language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rich.cells import cell_len

from kept.batch.intake.telling import breach_message, file_message, sentence_of, wait_message
from kept.core.currencies import currency
from kept.core.money import Money
from kept.store.models import IntakeFile

__all__ = ["answer_lines"]

State = IntakeFile.State
_PARTS = ("received", "accepted", "rejected", "unchanged")
_NAME_WIDTH, _NUMBER_WIDTH = 12, 18


def answer_lines(file: IntakeFile) -> Iterator[str]:
    answer = file.acknowledgement
    told = _("File %(file_id)s of %(creditor)s, number %(number)s: %(state)s")
    names = {"file_id": file.file_id, "creditor": file.creditor.code, "number": file.pk}
    yield told % {**names, "state": _state(file)}
    if "as_of" not in file.control:
        yield "  " + _(
            "No day was stated for its figures: %(as_of)s was assumed (--as-of says another)."
        ) % {"as_of": file.as_of.isoformat()}
    if file.quarantine_code:
        yield f"  {file_message(file)}"
    for breach in file.profile.get("breaches", []):
        yield f"  {breach_message(breach)}"
    if answer.get("rows"):
        yield from _figures(file, answer)


def _figures(file: IntakeFile, answer: Mapping[str, Any]) -> Iterator[str]:
    yield _line("", (_("received"), _("accepted"), _("refused"), _("unchanged")))
    yield _line(_("rows"), [f"{n:,}" for n in _parts(answer["rows"])])
    for code, amounts in sorted(answer["amounts_minor"].items()):
        yield _line(code, [Money(amount, currency(code)).text for amount in _parts(amounts)])
    counts = {name: f"{answer[name]:,}" for name in ("new", "changed")}
    yield "  " + _("%(new)s new, %(changed)s changed") % counts + _missing(file)
    yield from _span(answer)
    for title, name in (
        (_("Refused:"), "rejects_by_code"),
        (_("Taken with a warning:"), "warnings_by_code"),
    ):
        if answer[name]:
            yield f"  {title}"
        for code, count in answer[name].items():
            yield f"    {count:,} {code}: {sentence_of(code, {})}"
    if count := answer["balance_differences"]["count"]:
        told = _("%(n)s balances differ from the ledger, which holds the truth.")
        yield "  " + told % {"n": f"{count:,}"}


def _span(answer: Mapping[str, Any]) -> Iterator[str]:
    """From when to when a file of attempts says that it has all of them."""
    span = answer.get("span")
    if span is None:
        return
    days = {"first": span["first"], "last": span["last"]}
    if span["is_whole"]:
        yield "  " + _("Every contact from %(first)s to %(last)s is in it.") % days
        return
    told = _(
        "It reaches from %(first)s to %(last)s, but is not whole: rows were refused, or it has"
        " changes only. The law takes these days as unknown."
    )
    yield "  " + told % days


def _line(name: str, values: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    return "  " + _right(name, _NAME_WIDTH) + "".join(_right(v, _NUMBER_WIDTH) for v in values)


def _right(text: str, width: int) -> str:
    """Chinese characters take two places on a terminal."""
    return " " * (width - cell_len(text)) + text


def _parts(values: Mapping[str, int]) -> list[int]:
    return [values[name] for name in _PARTS]


def _missing(file: IntakeFile) -> str:
    stopped = file.acknowledgement["missing"].get("stop_and_ask", 0)
    if not stopped:
        return ""
    if file.state == State.ACKNOWLEDGED:
        told = _("%(n)s accounts missing: contact stopped")
    else:
        told = _("%(n)s accounts missing: contact would be stopped")
    return "; " + told % {"n": f"{stopped:,}"}


def _state(file: IntakeFile) -> str:
    match file.state:
        case State.ACKNOWLEDGED:
            return _("taken.")
        case State.DRY_RUN:
            return _("tried only, nothing was applied.")
        case State.QUARANTINED:
            return _("in quarantine, nothing was applied.")
        case State.PROFILED:
            told = _("waits for a person: look at it, then `%(command)s`.")
            return told % {"command": f"kept intake accept {file.pk} --reason …"}
        case State.WAITING:
            return _("it %(why)s.") % {"why": wait_message(file.run.message)}
        case _:
            return str(State(file.state).label)
