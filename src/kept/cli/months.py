"""`kept months`: which months of events and attempts may go, and dropping them."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from kept.cli.shell import Refused, open_shell

__all__ = ["months"]


@click.command()
@click.option("--drop", is_flag=True, help="Drop what may go; without it they are only named.")
def months(drop: bool) -> None:
    """Months of events and attempts that no duty keeps any more.

    A month goes whole, oldest first, when every duty is past, everything in it is sealed, no case
    of it lives on or is under a hold, and a backup of this week was restored on trial.
    """
    shell = open_shell()
    from kept.batch.months import MonthsKept, drop_months
    from kept.core.actors import job

    try:
        found = drop_months(actor=job("retention"), now=shell.now, is_tried=not drop)
    except MonthsKept as error:
        raise Refused(str(error)) from error
    for each in found:
        if each.kept_until is not None:
            told = _("%(month)s and all after stay: kept until %(day)s.")
            click.echo(told % {"month": each.month.part, "day": each.kept_until})
        elif each.staying is not None:
            stays = each.staying
            told = _(
                "%(month)s and all after stay: %(unsealed)s chains are not sealed, %(living)s live "
                "on, %(held)s are under a hold."
            )
            counts = {"unsealed": stays.unsealed, "living": stays.living, "held": stays.held}
            click.echo(told % {"month": each.month.part, **counts})
        else:
            told = _("%(month)s dropped with %(rows)s rows.") if drop else _("%(month)s may go.")
            click.echo(told % {"month": each.month.part, "rows": f"{each.rows:,}"})
