"""Writes a suggested map as YAML that a person goes through: every line with its reason.

Lines that a person has to decide say DECIDE. What is left open is written as a comment, so that the
text is a valid map as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _

from kept.batch.intake.fitting import ambiguous_dates
from kept.batch.intake.headings import meaning_of, usage_of
from kept.batch.intake.looking import Look
from kept.core.intake import FileFormat, NegativeForm, NumberForm, Relation

__all__ = ["MapText"]

_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w .()（）/\u4e00-\u9fff-]*")
_ACCOUNT = (
    "external_id",
    "product",
    "currency",
    "opened_on",
    "original_amount",
    "row_version",
    "state",
    "as_of",
    "due_on",
    "dpd",
    "next_due_on",
    "overdue",
)
_AMOUNTS = ("original_amount", "overdue")
_DATES = ("opened_on", "as_of", "due_on", "next_due_on")
_CODES_LISTED = 40
Form = TypeVar("Form", bound=str)


class RelatedColumns(Protocol):
    @property
    def relation(self) -> Relation: ...

    @property
    def parts(self) -> Mapping[str, str]: ...


@dataclass(slots=True)
class MapText:
    """What was decided, on its way to text. `questions` fill while it is written."""

    name: str
    format: FileFormat
    found: Mapping[str, str]
    rows_seen: int
    looks: Mapping[str, Look]
    places: Mapping[str, Sequence[str]]
    related: Sequence[RelatedColumns]
    reasons: Mapping[str, str]
    ignored: Mapping[str, str]
    questions: list[str] = field(default_factory=list)

    def write(self) -> str:
        forms = [look.number_forms[0] for look in self._mapped() if look.number_forms]
        # A form with groups reads amounts without groups as well.
        grouped = [form for form in forms if form is not NumberForm.PLAIN]
        self.numbers = _most_usual(grouped, NumberForm.PLAIN)
        self.dates = _most_usual(
            (look.date_forms[0] for look in self._mapped() if look.date_forms), "YYYY-MM-DD"
        )
        parts = (
            self._head(),
            self._file(),
            self._account(),
            self._debtor(),
            self._balances(),
            self._contacts(),
            self._related(),
            self._holds(),
            self._ignored(),
            self._open(),
        )
        return "\n".join(line for part in parts for line in part) + "\n"

    numbers: NumberForm = NumberForm.PLAIN
    dates: str = "YYYY-MM-DD"

    # --- sections ---------------------------------------------------------------------------------

    def _head(self) -> Iterable[str]:
        name = _one_line(self.name) or _("a file")
        told = _("Suggested for %(name)s from its first %(rows)s rows.")
        yield "# " + told % {"name": name, "rows": f"{self.rows_seen:,}"}
        yield "# " + _("Go through it line by line; what is marked DECIDE nobody but you can know.")
        yield "spec_version: 1"

    def _file(self) -> Iterable[str]:
        yield "file:"
        self._ask(_("is every account of the creditor in the file (full), or only changes?"))
        yield "  coverage: full  # DECIDE: full / changes"
        yield f"  format: {self.format}"
        for key in ("encoding", "delimiter", "sheet"):
            if key in self.found:
                value = {"cp1252": "windows-1252", "\t": "tab"}.get(
                    self.found[key], self.found[key]
                )
                yield f"  {key}: {_scalar(value)}"
        if self.dates != "YYYY-MM-DD":
            yield f"  dates: [{_scalar(self.dates)}]"
        yield from self._file_numbers()

    def _file_numbers(self) -> Iterable[str]:
        looks = [look for look in self._mapped() if look.number_forms]
        negatives = {form for look in looks for form in look.negatives} - {NegativeForm.LEADING}
        signs = sorted({sign for look in looks for sign in look.signs})
        if self.numbers is NumberForm.PLAIN and not negatives and not signs:
            return
        yield "  numbers:"
        yield f"    form: {_scalar(self.numbers)}"
        if negatives:
            forms = [NegativeForm.LEADING, *sorted(negatives)]
            yield f"    negatives: [{', '.join(_scalar(form) for form in forms)}]"
        if signs:
            yield f"    currency_signs: [{', '.join(_scalar(sign) for sign in signs)}]"

    def _account(self) -> Iterable[str]:
        yield "account:"
        for key in _ACCOUNT:
            column = self._column(f"account.{key}")
            if column is not None:
                yield from self._line(f"account.{key}", key, column)
            elif key == "external_id":
                self._ask(_("which column is the account's number? None is different in every row"))
                first = next(iter(self.looks))
                told = _("no column differs in every row")
                yield f"  external_id: {_scalar(first)}  # DECIDE: {told}"
            elif key == "product":
                self._ask(_("which product of kept are these accounts of?"))
                yield "  product: {constant: PRODUCT}  # DECIDE: " + _("the product's code in kept")
            elif key == "currency":
                yield "  # currency: " + _("none in the file; the product's counts")

    def _debtor(self) -> Iterable[str]:
        yield "debtor:"
        for key in ("external_id", "kind"):
            if column := self._column(f"debtor.{key}"):
                yield from self._line(f"debtor.{key}", key, column)
        if name := self._column("debtor.name"):
            yield from self._line("debtor.name", "name", name)
        else:
            self._ask(_("no column looks like names; the account's number stands in for the name"))
            stand_in = self._column("account.external_id") or next(iter(self.looks))
            told = _("no names found, the number stands in")
            yield f"  name: {_scalar(stand_in)}  # DECIDE: {told}"
        for key in ("language", "country", "zones"):
            if column := self._column(f"debtor.{key}"):
                yield from self._line(f"debtor.{key}", key, column)
        yield from self._identity()

    def _identity(self) -> Iterable[str]:
        number = self._column("debtor.identity.number")
        if number is None:
            return
        kind = self._column("debtor.identity.kind")
        yield "  identity:"
        coded = self._coded("debtor.identity.kind", kind) if kind is not None else None
        if coded is not None:
            yield f"    kind: {coded[0]}{self._comment(kind, coded[1])}"
        else:
            yield f"    kind: {{constant: {_identity_kind(self.looks[number])}}}  # DECIDE"
            self._ask(_("of which kind are the numbers in %(column)s?") % {"column": number})
        yield f"    number: {_scalar(number)}{self._comment(number)}"

    def _balances(self) -> Iterable[str]:
        yield "balances:"
        written = False
        for target in self.places:
            if target.startswith("balances.") and self.places[target]:
                written = True
                component = target.removeprefix("balances.")
                yield from self._line(target, component, self.places[target][0])
        if not written:
            self._ask(_("which column is the balance? None looks like amounts"))
            yield '  principal: {constant: "0"}  # DECIDE: ' + _("no column looks like amounts")

    def _contacts(self) -> Iterable[str]:
        lines = []
        for kind in ("phone", "email", "address", "handle"):
            for column in self.places.get(f"contacts.{kind}", ()):
                lines.append(self._contact(kind, column, None))
        for place, person in enumerate(self.related, 1):
            for kind in ("phone", "email", "address"):
                if theirs := person.parts.get(kind):
                    lines.append(self._contact(kind, theirs, place))
        if lines:
            yield "contacts:"
            yield from lines

    def _contact(self, kind: str, column: str, owner: int | None) -> str:
        usage = usage_of(column) if kind in ("phone", "address") else ""
        parts = [f"kind: {kind}", f"column: {_scalar(column)}"]
        parts += [f"usage: {usage}"] if usage else []
        parts += [f"owner: {owner}"] if owner is not None else []
        return f"  - {{{', '.join(parts)}}}{self._comment(column)}"

    def _related(self) -> Iterable[str]:
        if self.related:
            yield "related:"
        for person in self.related:
            yield from self._related_person(person)

    def _related_person(self, person: RelatedColumns) -> Iterable[str]:
        relation = person.parts.get("relation")
        coded = self._coded("related.relation", relation) if relation is not None else None
        if coded is not None:
            yield f"  - relation: {coded[0]}{self._comment(relation, coded[1])}"
        else:
            yield f"  - relation: {{constant: {person.relation}}}"
        name = person.parts["name"]
        yield f"    name: {_scalar(name)}{self._comment(name)}"
        if identity := person.parts.get("identity"):
            kind = _identity_kind(self.looks[identity])
            yield (
                f"    identity: {{kind: {{constant: {kind}}}, number: {_scalar(identity)}}}"
                f"{self._comment(identity)}"
            )

    def _holds(self) -> Iterable[str]:
        lines = []
        for column in self.places.get("holds", ()):
            coded = self._coded("holds", column)
            if coded is None:
                asked = _("which marks in %(column)s stop contact? None of them is a usual one")
                self._ask(asked % {"column": column})
            else:
                lines.append(f"  - {coded[0]}{self._comment(column, coded[1])}")
        if lines:
            yield "holds:"
            yield from lines

    def _ignored(self) -> Iterable[str]:
        if self.ignored:
            yield "ignore:"
        for column, reason in self.ignored.items():
            yield f"  - {{column: {_scalar(column)}, reason: {_scalar(reason)}}}"

    def _open(self) -> Iterable[str]:
        known = {column for columns in self.places.values() for column in columns}
        known |= {column for person in self.related for column in person.parts.values()}
        left = [column for column in self.looks if column not in known | set(self.ignored)]
        if left:
            yield "# " + _("Not used; map or ignore each:")
        for column in left:
            yield f"#   {_one_line(column)} — {_one_line(self.reasons.get(column, ''))}"

    # --- one line ---------------------------------------------------------------------------------

    def _line(self, target: str, key: str, column: str) -> Iterable[str]:
        look = self.looks[column]
        coded = self._coded(target, column) if target in _CODED_LINES else None
        if target in _CODED_LINES:
            if coded is None:
                asked = _("what do the values of %(column)s mean (%(target)s)?")
                self._ask(asked % {"column": column, "target": target})
                told = _("none of its values is a usual one")
                yield f"  # {key}: {_scalar(column)}  # DECIDE: {told}"
            else:
                yield f"  {key}: {coded[0]}{self._comment(column, coded[1])}"
            return
        if key in _DATES and ambiguous_dates(look):
            forms = " / ".join(ambiguous_dates(look))
            asked = _("how are the dates of %(column)s written: %(forms)s? Every value fits both")
            self._ask(asked % {"column": column, "forms": forms})
            yield f"  # {key}: {{column: {_scalar(column)}, dates: …}}  # DECIDE: {forms}"
            return
        yield f"  {key}: {self._value(target, key, column)}{self._comment(column)}"

    def _value(self, target: str, key: str, column: str) -> str:
        look = self.looks[column]
        if key in _DATES and look.date_forms and look.date_forms[0] != self.dates:
            return f"{{column: {_scalar(column)}, dates: [{_scalar(look.date_forms[0])}]}}"
        is_amount = key in _AMOUNTS or target.startswith("balances.")
        if is_amount and look.number_forms and self.numbers not in _reading(look.number_forms[0]):
            return f"{{column: {_scalar(column)}, numbers: {_scalar(look.number_forms[0])}}}"
        if is_amount and look.misfits:
            shown = ", ".join(look.misfits)
            asked = _(
                "%(column)s has values that are no amounts, such as %(shown)s: their rows are"
                " refused, unless a code table says what they mean"
            )
            self._ask(asked % {"column": column, "shown": shown})
        if look.negative and target.startswith("balances."):
            asked = _("%(column)s has negative amounts: does the product allow a credit balance?")
            self._ask(asked % {"column": column})
        if is_amount and look.filled < look.rows and target.startswith("balances."):
            asked = _("what does an empty cell of %(column)s mean? The suggestion takes it as 0")
            self._ask(asked % {"column": column})
            return f'{{column: {_scalar(column)}, default: "0"}}'
        return _scalar(column)

    def _coded(self, target: str, column: str) -> tuple[str, str] | None:
        """A code table as flow text and what it leaves open; None where no value is usual."""
        codes = self.looks[column].codes[:_CODES_LISTED]
        known = {code: meaning for code in codes if (meaning := meaning_of(target, code))}
        if not known:
            return None
        table = ", ".join(f"{_scalar(code)}: {meaning}" for code, meaning in known.items())
        unknown = [code for code in codes if code not in known]
        open_codes = ""
        if unknown:
            listed = ", ".join(unknown)
            asked = _("what do these values of %(column)s mean (%(target)s): %(listed)s?")
            self._ask(asked % {"column": column, "target": target, "listed": listed})
            open_codes = f"DECIDE: {listed}"
        return f"{{column: {_scalar(column)}, codes: {{{table}}}}}", open_codes

    def _comment(self, column: str | None, more: str = "") -> str:
        reason = self.reasons.get(column or "", "")
        parts = [part for part in (more, reason) if part]
        return f"  # {_one_line('; '.join(parts))}" if parts else ""

    def _column(self, target: str) -> str | None:
        columns = self.places.get(target, ())
        return columns[0] if columns else None

    def _mapped(self) -> Iterable[Look]:
        for target, columns in self.places.items():
            if target.startswith(("account.", "balances.")):
                yield from (self.looks[column] for column in columns)

    def _ask(self, question: str) -> None:
        if question not in self.questions:
            self.questions.append(question)


_CODED_LINES = ("account.state", "debtor.kind")


def _identity_kind(look: Look) -> str:
    if look.share("company_number") > look.share("resident_id"):
        return "company_number"
    return "national_id"


def _reading(form: NumberForm) -> tuple[NumberForm, ...]:
    """The forms that read what is written in this one."""
    if form is not NumberForm.PLAIN:
        return (form,)
    groups = (NumberForm.COMMA_GROUPS, NumberForm.APOSTROPHE_GROUPS, NumberForm.INDIAN_GROUPS)
    return (form, *groups)


def _most_usual(forms: Iterable[Form], fallback: Form) -> Form:
    counts: dict[Form, int] = {}
    for form in forms:
        counts[form] = counts.get(form, 0) + 1
    return max(counts, key=lambda form: counts[form], default=fallback)


def _scalar(text: str) -> str:
    """Plain where YAML cannot read it as anything else, quoted elsewhere."""
    value = str(text)
    if not value.isprintable():
        return '"' + "".join(_escaped(each) for each in value) + '"'
    reserved = value.lower() in ("true", "false", "null", "yes", "no", "on", "off")
    if _PLAIN.fullmatch(value) and not value.endswith(" ") and not reserved:
        return value
    return json.dumps(value, ensure_ascii=False)


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _one_line(text: str) -> str:
    """Text for a comment: no line ends, and nothing that YAML refuses."""
    spaced = " ".join(str(text).split())
    return "".join(each if each.isprintable() else "?" for each in spaced)
