"""`kept user`: the people who sign in, for whoever has the machine: the first administrator first.

A password is asked for, or read from standard input; it is never an argument, which other users of
the machine could read in the list of processes.
"""

from __future__ import annotations

import sys
from datetime import datetime

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, open_shell
from kept.core.actors import Actor, Role, job

__all__ = ["user"]

_ROLES = click.Choice([role.value for role in Role])
_STDIN = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def user() -> None:
    """The people who sign in: add one, list them, set a password."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", type=_ROLES, multiple=True, required=True, help="May be repeated.")
@click.option(
    "--creditor", "creditors", multiple=True, help="Only for this creditor; may be repeated."
)
@_STDIN
def add_user(
    name: str, roles: tuple[str, ...], creditors: tuple[str, ...], from_stdin: bool
) -> None:
    """Add a person who signs in as NAME, which may be an e-mail address.

    Without --creditor the roles hold for all creditors.
    """
    shell = _open()
    from kept.work.refusals import Refusal
    from kept.work.users import do_add_user

    try:
        do_add_user(
            actor=_console(),
            username=name,
            password=_password(from_stdin),
            roles=[Role(role) for role in roles],
            creditor_codes=creditors,
            email=name if "@" in name else "",
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(_sentence(refusal)) from refusal
    parts = {"name": name, "roles": ", ".join(dict.fromkeys(roles))}
    whose = ", ".join(creditors) or _("all creditors")
    click.echo(_("%(name)s can sign in: %(roles)s for %(whose)s.") % {**parts, "whose": whose})


@user.command("list")
def list_people() -> None:
    """List the people who sign in, with their roles."""
    open_shell()
    from kept.work.users import list_users

    found = list_users(_console())
    width = max((len(each.username) for each in found), default=0)
    for each in found:
        roles = ", ".join(
            grant.role.value + (f" ({grant.creditor_code})" if grant.creditor_code else "")
            for grant in each.grants
        )
        state = "" if each.is_active else _("locked out; ")
        seen = _day(each.last_login)
        click.echo(f"{each.username:<{width}}  {state}{roles or _('no role')}; {seen}")
    if not found:
        click.echo(_("Nobody yet. Give: kept user add NAME --role administrator"))


@user.command("password")
@click.argument("name")
@_STDIN
def set_password(name: str, from_stdin: bool) -> None:
    """Set the password of the person who signs in as NAME."""
    shell = _open()
    from kept.work.actors import do_set_password
    from kept.work.refusals import Refusal
    from kept.work.users import list_users

    ids = {each.username: each.user_id for each in list_users(_console())}
    if name not in ids:
        told = _("Nobody signs in as %(name)s: see `kept user list`.")
        raise Refused(told % {"name": name})
    try:
        do_set_password(
            actor=_console(), user_id=ids[name], password=_password(from_stdin), now=shell.now
        )
    except Refusal as refusal:
        raise Refused(_sentence(refusal)) from refusal
    click.echo(_("The password of %(name)s is set.") % {"name": name})


def _open() -> Shell:
    """A shell that can write events, on an installation that has had no night yet too."""
    shell = open_shell()
    from kept.store.partitions import ensure_partitions

    ensure_partitions(shell.now.date(), shell.now.date())
    return shell


def _console() -> Actor:
    """Whoever has the machine has the house; the events say that it was done here."""
    return job("console")


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        if not sys.stdin.isatty():
            raise Refused(_("There is no terminal to ask for a password: give --password-stdin."))
        return str(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Refused(_("Standard input holds no password."))
    return password


def _sentence(refusal: Exception) -> str:
    """The refusal's texts without the names of inputs, which are not those of a command."""
    fields: dict[str, str] = getattr(refusal, "fields", {})
    return " ".join(fields.values()) or str(refusal)


def _day(instant: datetime | None) -> str:
    if instant is None:
        return _("never signed in")
    return _("last seen %(day)s") % {"day": f"{instant:%Y-%m-%d}"}
