"""`kept api-key`: the keys of other programs: make one, list them, revoke one.

A key is printed once, when it is made, and is stored nowhere but as the hash of its secret.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, open_shell
from kept.core.actors import Actor, job

__all__ = ["api_key"]


@click.group("api-key")
def api_key() -> None:
    """The keys of other programs: make one, list them, revoke one."""


@api_key.command("add")
@click.argument("name")
@click.option("--permission", "permissions", multiple=True, required=True, help="May be repeated.")
@click.option("--creditor", help="Only for this creditor, by its code.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it holds. [default: no end]")
def add_key(
    name: str, permissions: tuple[str, ...], creditor: str | None, days: int | None
) -> None:
    """Make a key called NAME and print it, this once.

    Permissions are those of docs/permissions.md, such as case.read.
    """
    shell = _open()
    from kept.work.api_keys import do_make_key
    from kept.work.limits import Limits
    from kept.work.permissions import Permission
    from kept.work.refusals import Refusal

    unknown = sorted(set(permissions) - set(Permission))
    if unknown:
        told = _("There is no permission %(code)s; see docs/permissions.md.")
        raise Refused(told % {"code": unknown[0]})
    until = shell.now + timedelta(days=days) if days else None
    try:
        made = do_make_key(
            actor=_console(),
            name=name,
            permissions=[Permission(each) for each in permissions],
            limits=Limits(creditor_id=_creditor_id(creditor), valid_until=until),
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(" ".join(refusal.fields.values()) or refusal.message) from refusal
    click.echo(made.token)
    click.echo(_("Keep it now: it is not shown again."), err=True)


def _creditor_id(code: str | None) -> int | None:
    from kept.store.models import Creditor

    if code is None:
        return None
    found = Creditor.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise Refused(_("There is no creditor %(code)s.") % {"code": code})
    return int(found)


@api_key.command("list")
def list_api_keys() -> None:
    """List the keys: what each may do and where, until when, and when it was last used."""
    open_shell()
    from kept.work.api_keys import list_keys

    found = list_keys(actor=_console())
    for each in found:
        places = (each.creditor_code, each.product_code, each.team_code, each.agency_code)
        where = " ".join(filter(None, places)) or _("all creditors")
        state = _("revoked; ") if each.revoked_at else ""
        days = _("until %(end)s; last used %(used)s") % {
            "end": _day(each.valid_until),
            "used": _day(each.last_used_at),
        }
        click.echo(
            f"{each.key_id}  {each.name}  {each.begins_with}…  {state}"
            f"{', '.join(each.permissions)}; {where}; {days}"
        )
    if not found:
        click.echo(_("No key yet. Give: kept api-key add NAME --permission case.read"))


@api_key.command("revoke")
@click.argument("key_id", type=int)
@click.option("--reason", required=True, help="Why; it stays on record.")
def revoke_key(key_id: int, reason: str) -> None:
    """End the key of this number at once."""
    shell = _open()
    from kept.work.api_keys import do_revoke_key
    from kept.work.refusals import Refusal

    try:
        do_revoke_key(actor=_console(), key_id=key_id, reason=reason, now=shell.now)
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    click.echo(_("Key %(number)s is revoked.") % {"number": key_id})


def _open() -> Shell:
    """A shell that can write events, on an installation that has had no night yet too."""
    shell = open_shell()
    from kept.store.partitions import ensure_partitions

    ensure_partitions(shell.now.date(), shell.now.date())
    return shell


def _console() -> Actor:
    return job("console")


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else "–"
