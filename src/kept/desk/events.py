"""What one event of a case's timeline tells, in the words of the reader, line by line.

Reads the bodies that the use cases and the runs write; what is not known here is left out, and the
event still shows its name, who did it and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kept.desk import formats
from kept.desk.promise_events import promise_lines
from kept.desk.speech import speech_lines
from kept.desk.words import BUCKET, treatment_name, word
from kept.work.timelines import TimelineEntry, TimelinePage

__all__ = ["Told", "tell"]

LINES_MOST = 8


@dataclass(frozen=True, slots=True)
class Told:
    """An event and its lines; `more` counts those left out."""

    entry: TimelineEntry
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Names:
    """The accounts that events speak of: number and currency by id."""

    accounts: Mapping[int, tuple[str, str]]

    def number(self, account_id: Any) -> str:
        return self.accounts.get(account_id, (f"#{account_id}", ""))[0]

    def money(self, account_id: Any, amount_minor: int) -> str:
        code = self.accounts.get(account_id, ("", ""))[1]
        return formats.money(amount_minor, code) if code else formats.number(amount_minor)


def tell(page: TimelinePage) -> tuple[Told, ...]:
    names = _Names(page.accounts)
    return tuple(_tell(entry, names) for entry in page.entries)


def _tell(entry: TimelineEntry, names: _Names) -> Told:
    lines = [*_lines(entry.body, names), *_personal(entry.personal)]
    return Told(entry, tuple(lines[:LINES_MOST]), max(0, len(lines) - LINES_MOST))


def _lines(body: Mapping[str, Any], names: _Names) -> Iterator[str]:
    yield from (_change(each, names) for each in body.get("case", ()))
    accounts = body.get("accounts") or ()  # a record of the person names none
    yield from (_account(each, names) for each in accounts if isinstance(each, Mapping))
    yield from (_move(each, names) for each in body.get("buckets", ()))
    yield from _task(body)
    yield from _by_day(body)
    yield from _callback(body.get("callback") or {})
    if "document" in body:
        yield f"{word(body['document']['kind'], 'document')} {body['document']['number']}"
    yield from promise_lines(body)
    if isinstance(body.get("amount"), int) and "currency" in body:  # of a plan or a waiver
        yield formats.money(body["amount"], body["currency"])
    yield from _counts(body)
    yield from speech_lines(body.get("speech", ()))
    yield from (word(reason, "hold") for reason in body.get("holds", ()))
    if "effects" in body and body.get("reason"):
        effects = ", ".join(word(effect, "effect") for effect in body["effects"])
        yield f"{word(body['reason'], 'hold')}: {effects}"
    yield from (
        f"{names.number(n)}: {names.money(n, m)}" for _p, n, _e, m in body.get("payments", ())
    )
    yield from (_gone_back(each, names) for each in body.get("returns", ()))
    if "postings" in body and "account" in body:
        yield from (_posting(body["account"], each, names) for each in body["postings"])


def _gone_back(each: Any, names: _Names) -> str:
    _payment, account_id, _entry, amount_minor, code = each
    told = f"{names.number(account_id)}: {names.money(account_id, amount_minor)}"
    return f"{told} ({code})" if code else told


def _callback(asked: Mapping[str, Any]) -> Iterator[str]:
    if not asked:
        return
    wanted, lawful = (datetime.fromisoformat(asked[name]) for name in ("wanted_at", "lawful_from"))
    yield _("to be called back at %(time)s") % {"time": formats.moment(wanted)}
    if lawful > wanted:
        yield _("lawful from %(time)s") % {"time": formats.moment(lawful)}


def _personal(values: Mapping[str, Any]) -> Iterator[str]:
    """What was sealed: words that a person typed, and a name before and after."""
    yield from (str(values[name]) for name in ("note", "reason", "text") if name in values)
    before, after = values.get("before", {}), values.get("after", {})
    if before.get("name") and after.get("name"):
        yield f"{before['name']} → {after['name']}"


def _change(change: Mapping[str, Any], names: _Names) -> str:
    """An account that entered or left, or the case itself."""
    said = word(str(change.get("change")), "case_change")
    if "account" in change:
        said = f"{names.number(change['account'])}: {said}"
    return f"{said} ({word(change['reason'], 'reason')})" if change.get("reason") else said


def _account(account: Mapping[str, Any], names: _Names) -> str:
    number = names.number(account.get("account"))
    parts = []
    if account.get("change") == "added":
        parts.append(_("new"))
    if isinstance(account.get("balance_minor"), int):
        amount = names.money(account.get("account"), account["balance_minor"])
        parts.append(_("balance %(amount)s") % {"amount": amount})
    if account.get("state_before"):
        parts.append(word(str(account.get("state")), "account_state"))
    return f"{number}: {', '.join(parts) or word('changed', 'case_change')}"


def _move(move: Mapping[str, Any], names: _Names) -> str:
    before, after = (_bucket(move.get(name)) for name in ("from", "to"))
    return _("%(account)s: %(before)s → %(after)s, %(days)s days past due") % {
        "account": names.number(move.get("account")),
        "before": before,
        "after": after,
        "days": move.get("dpd", 0),
    }


def _bucket(value: Any) -> str:
    return "–" if value is None else str(BUCKET) % {"n": value}


def _task(body: Mapping[str, Any]) -> Iterator[str]:
    task = body.get("task")
    if isinstance(task, Mapping):
        due_on = timezone.localtime(datetime.fromisoformat(str(task["due_at"]))).date()
        yield _("%(treatment)s, due %(day)s") % {
            "treatment": treatment_name(str(task["treatment"])),
            "day": formats.day(due_on),
        }
    for code in body.get("expired", ()):
        yield _("%(treatment)s was not done in its time") % {"treatment": treatment_name(code)}
    if "treatment" in body and "state" in body:
        yield f"{treatment_name(body['treatment'])}: {word(body['state'], 'task_state')}"


def _by_day(body: Mapping[str, Any]) -> Iterator[str]:
    """What a decision of the day closed or changed, and what called for it."""
    if "cause" not in body:
        return
    yield word(str(body["cause"]), "day_cause")
    closed, renewed = body.get("closed"), body.get("renewed")
    if isinstance(closed, Mapping):
        rules = ", ".join(closed.get("rules", ()))
        why = word(str(closed["why"]), "day_closed")
        yield _("%(treatment)s closed: %(why)s") % {
            "treatment": treatment_name(str(closed["treatment"])),
            "why": f"{why} ({rules})" if rules else why,
        }
    if isinstance(renewed, Mapping):
        told = {"treatment": treatment_name(str(renewed["treatment"]))}
        if "priority" in renewed:
            yield _("%(treatment)s: worth and place in the order changed") % told
        if "lawful_from" in renewed:
            lawful = datetime.fromisoformat(str(renewed["lawful_from"]))
            yield _("lawful from %(time)s") % {"time": formats.moment(lawful)}
        if "seat" in renewed:
            yield _("%(treatment)s: another seat") % told


def _counts(body: Mapping[str, Any]) -> Iterator[str]:
    if "attempts" in body:
        n = int(body["attempts"])
        yield ngettext("%(n)s attempt", "%(n)s attempts", n) % {"n": formats.number(n)}
    if "conversations" in body:
        n = int(body["conversations"])
        yield ngettext("%(n)s conversation", "%(n)s conversations", n) % {"n": formats.number(n)}
    if "contact_points" in body:
        n = int(body["contact_points"])
        said = ngettext("%(n)s new contact point", "%(n)s new contact points", n)
        yield said % {"n": formats.number(n)}
    if "related_persons" in body:
        n = int(body["related_persons"])
        said = ngettext("%(n)s new related person", "%(n)s new related persons", n)
        yield said % {"n": formats.number(n)}


def _posting(account_id: Any, posting: Any, names: _Names) -> str:
    component, _from_book, to_book, amount_minor = posting
    sign = 1 if to_book == "receivable" else -1
    return f"{word(component, 'component')} {names.money(account_id, sign * amount_minor)}"
