"""`kept document`: print papers, show one, list those of a case, withdraw, check a code."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, actor_named, open_shell
from kept.core.actors import Actor, job
from kept.core.documents.kinds import DocumentKind

if TYPE_CHECKING:
    from kept.work.documents import DocumentView

__all__ = ["document"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def document() -> None:
    """Papers for debtors: print, list, show, withdraw, check."""


@document.command("print")
@click.argument("kind", type=click.Choice([kind.value for kind in DocumentKind]))
@click.argument("cases", type=int, nargs=-1, required=True)
@click.option("--as", "username", help="Who prints; a lawyer's letter needs a person.")
@click.option("--account", "number", help="Number of the account, where a case has several.")
@click.option("--language", default="", help="zh or en. [default: the debtor's]")
@click.option("--plan", "plan_id", type=int, help="The plan. [default: the one that runs]")
@click.option("--settlement", type=int, help="The waiver. [default: the one that stands]")
@click.option("--payment", type=int, help="Of which payment a receipt is.")
@click.option("--as-of", type=_DAY, help="As of this day. [default: today]")
@click.option("--since", type=_DAY, help="First day of a statement. [default: a year before]")
@click.option("--again", is_flag=True, help="Also for cases that have such a paper of this day.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Also write the PDFs there."
)
def print_documents(
    kind: str,
    cases: tuple[int, ...],
    username: str | None,
    number: str | None,
    language: str,
    plan_id: int | None,
    settlement: int | None,
    payment: int | None,
    as_of: datetime | None,
    since: datetime | None,
    again: bool,
    out: Path | None,
) -> None:
    """Print KIND for each of CASES."""
    shell = open_shell()
    from kept.batch.printing import do_print_documents
    from kept.work.document_papers import PaperRequest
    from kept.work.refusals import Refusal

    actor = _actor(username, shell.now)
    request = PaperRequest(
        case_id=cases[0],
        kind=DocumentKind(kind),
        account_id=_account(number, cases),
        language=language,
        as_of=_date(as_of),
        since=_date(since),
        plan_id=plan_id,
        waiver_id=settlement,
        payment_id=payment,
    )
    try:
        batch = do_print_documents(
            actor=actor, case_ids=cases, request=request, skip_printed=not again, now=shell.now
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    for case_id, document_id in batch.printed.items():
        _tell_printed(actor, case_id, document_id, out, shell.now)
    for case_id, told in batch.refused.items():
        click.echo(_("case %(case)s: %(told)s") % {"case": case_id, "told": told}, err=True)
    passed = len(set(cases)) - len(batch.printed) - len(batch.refused)
    if passed:
        click.echo(
            _("%(count)s cases have such a paper already: --again prints anew.") % {"count": passed}
        )
    if batch.refused:
        raise SystemExit(1)


def _tell_printed(
    actor: Actor, case_id: int, document_id: int, out: Path | None, now: datetime
) -> None:
    from kept.work.documents import get_document, get_document_file

    found = get_document(actor=actor, document_id=document_id)
    assert found is not None
    click.echo(
        _("case %(case)s: %(number)s, %(size)s bytes, SHA-256 %(sha256)s")
        % {
            "case": case_id,
            "number": found.number,
            "size": found.size_bytes,
            "sha256": found.sha256,
        }
    )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        pdf = get_document_file(actor=actor, document_id=document_id, now=now)
        _write(out / f"{found.number}.pdf", pdf)


@document.command("show")
@click.argument("number")
@click.option("--as", "username", help="Who reads it.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the PDF there.")
def show(number: str, username: str | None, out: Path | None) -> None:
    """What document NUMBER (KD-00000012) was made of; with --out also its PDF."""
    shell = open_shell()
    from kept.work.documents import get_document, get_document_file
    from kept.work.refusals import Refusal

    actor, document_id = _actor(username, shell.now), _number(number)
    try:
        found = get_document(actor=actor, document_id=document_id)
        if found is None:
            raise Refused(_("There is no document %(number)s.") % {"number": number})
        for line in _lines(found):
            click.echo(line)
        if out is not None:
            _write(out, get_document_file(actor=actor, document_id=document_id, now=shell.now))
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal


@document.command("list")
@click.argument("case_id", metavar="CASE", type=int)
@click.option("--as", "username", help="Who reads it.")
def list_all(case_id: int, username: str | None) -> None:
    """Documents of a case, the newest first."""
    shell = open_shell()
    from kept.work.documents import list_documents
    from kept.work.refusals import Refusal

    try:
        found = list_documents(actor=_actor(username, shell.now), case_id=case_id)
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo(_("Nothing was printed of this case."))


@document.command("withdraw")
@click.argument("number")
@click.option("--as", "username", required=True, help="Who withdraws it.")
@click.option("--reason", required=True, help="Why; kept with the case.")
def withdraw(number: str, username: str, reason: str) -> None:
    """Say that document NUMBER holds no more; its code tells so from now on."""
    shell = open_shell()
    from kept.work.documents import do_withdraw_document
    from kept.work.refusals import Refusal

    try:
        do_withdraw_document(
            actor=_actor(username, shell.now),
            document_id=_number(number),
            reason=reason,
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    click.echo(_("%(number)s is withdrawn.") % {"number": number})


@document.command("verify")
@click.argument("code")
def verify(code: str) -> None:
    """Whether the paper with CODE holds; ends with 1 where it does not."""
    open_shell()
    from kept.desk.words import word
    from kept.work.document_checks import check_code

    found = check_code(code)
    if found is None:
        click.echo(_("There is no paper with this code."))
        raise SystemExit(1)
    told = _("valid: %(kind)s of %(creditor)s, printed %(day)s, as of %(as_of)s")
    if found.is_doubtful:
        told = _(
            "NOT CONFIRMED: %(kind)s of %(creditor)s, printed %(day)s. Something was booked since:"
            " the account owes something again. Look, and withdraw it."
        )
    elif not found.is_valid:
        told = _("WITHDRAWN on %(withdrawn)s: %(kind)s of %(creditor)s, printed %(day)s")
    click.echo(
        told
        % {
            "kind": word(found.kind, "document"),
            "creditor": found.creditor_name,
            "day": found.printed_on,
            "as_of": found.as_of,
            "withdrawn": found.withdrawn_on,
        }
    )
    if not found.is_valid:
        raise SystemExit(1)


def _lines(found: DocumentView) -> list[str]:
    from django.conf import settings

    from kept.desk.words import word
    from kept.store.models import Document

    languages = dict(settings.LANGUAGES)
    rows = [
        (_("Number"), found.number),
        (_("Kind"), word(found.kind, "document")),
        (_("Case"), found.case_id),
        (_("Account"), found.account_number or "-"),
        (_("Language"), languages.get(found.language, found.language)),
        (_("As of"), found.as_of),
        (_("Text"), found.text_label),
        (_("State"), Document.State(found.state).label),
        (_("Printed"), f"{found.printed_at:%Y-%m-%d %H:%M} {found.printed_by}"),
        (_("SHA-256 of the PDF"), found.sha256),
        (_("SHA-256 of the data"), found.data_hash),
    ]
    return [_("%(name)s: %(value)s") % {"name": name, "value": value} for name, value in rows]


def _line(found: DocumentView) -> str:
    from kept.desk.words import word
    from kept.store.models import Document

    doubt = " " + _("(the account owes something again)") if found.is_doubtful else ""
    day = f"{found.printed_at:%Y-%m-%d}"
    kind, state = word(found.kind, "document"), Document.State(found.state).label
    return f"{found.number}  {day}  {kind}  {found.account_number}  {state}{doubt}"


def _actor(username: str | None, now: datetime) -> Actor:
    return actor_named(username, now) if username else job("console")


def _account(number: str | None, cases: tuple[int, ...]) -> int | None:
    from kept.store.models import CaseAccount

    if number is None:
        return None
    stays = CaseAccount.objects.filter(case_id__in=cases, account__external_id=number)
    found = stays.values_list("account_id", flat=True).first()
    if found is None or len(cases) != 1:
        raise Refused(_("--account names an account of the one case that is printed."))
    return found


def _number(text: str) -> int:
    digits = text.upper().removeprefix("KD-")
    if not (digits.isascii() and digits.isdigit()):
        raise Refused(_("Write the number of a document as KD-00000012."))
    return int(digits)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _write(path: Path, pdf: bytes) -> None:
    """Only its owner may read it: it names a person."""
    path.touch(mode=0o600)
    path.write_bytes(pdf)
    click.echo(str(path))
