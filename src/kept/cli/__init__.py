"""The command `kept`. It parses and prints; what it does is done by the rooms it calls.

The commands lie in one file a group. Only the file of the command that is called is loaded, so that
`kept --help` answers at once; to add a command, add its line to `COMMANDS`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys

import click

from kept import __version__
from kept.cli.language import set_up_click, translate, translate_help

__all__ = ["COMMANDS", "main"]

# Command: the module of kept.cli that holds it, and what it does in one line.
COMMANDS = {
    "up": ("processes", "Run the database, the web server and the worker until Ctrl-C."),
    "web": ("processes", "Serve the pages."),
    "worker": ("processes", "Run the jobs of the queue."),
    "migrate": ("processes", "Bring the tables of the database up to date."),
    "stop": ("processes", "Stop the embedded database."),
    "doctor": ("processes", "Check the installation and the invariants of the book."),
    "user": ("users", "Add, list and change the people who sign in."),
    "api-key": ("api_keys", "Make, list and revoke the keys of other programs."),
    "messages": ("messages", "Compile the Chinese and English catalogues."),
    "demo": ("demo", "Make a synthetic book, run the night and serve the worklist."),
    "intake": ("intake", "Take a creditor's file into the book."),
    "payment": ("payments", "Money received: record, list, reverse, work suspense."),
    "money": ("money", "The general ledger, charge-off, sold accounts."),
    "nightly": ("nightly", "Run the night: facts, treatments, tasks, dealing."),
    "night-group": ("night_groups", "Creditors whose nights run together, with one closing time."),
    "strategy": ("strategies", "Check, show and compare strategies."),
    "text": ("texts", "Scripts, templates and guides: show, check, draft, approve them."),
    "seat": ("seats", "Who works, when, with which skills."),
    "promise": ("promises", "Take and judge promises to pay; kept rates; the policy."),
    "deal": ("dealing", "Deal what lies open again, or undo a dealing."),
    "capacity": ("capacities", "Letters, visits, money: what a night may use."),
    "account": ("accounts", "What accrued on an account, line by line; judgments over it."),
    "document": ("documents", "Print papers for debtors; check the code of one."),
    "plan": ("plans", "Instalment plans: offers, acceptance, changes, judging."),
    "waiver": ("waivers", "What may be waived: matrix, budgets; ask for it, accept, withdraw."),
    "approval": ("approvals", "What waits for a second person, and their yes or no."),
    "law": ("law", "Check test vectors against the rules of law; list the rules."),
    "speech": ("speech", "Look for forbidden speech in a text; list what is looked for."),
    "audit": ("audit", "Verify the record of events, seal it, export a case."),
    "erase": ("erasures", "Ask that a person is erased, as one creditor knows them."),
    "retention": ("erasures", "What no duty keeps any more."),
    "backup": ("backup", "Back up the book, sealed and restored on trial."),
    "restore": ("backup", "Bring a backup back, or recover to a moment."),
    "upgrade": ("upgrade", "Bring the database of an older PostgreSQL into this one."),
    "key": ("keys", "Export, import, rotate and retire data keys."),
    "months": ("months", "Months of events and attempts that retention may drop."),
    "bench": ("bench", "Measure kept against its peers."),
}


class LazyCommands(click.Group):
    """Finds a command by its line in `COMMANDS`; a room that is not built yet is not listed."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name, (module, _) in COMMANDS.items() if _is_built(module)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        module = importlib.import_module(f"kept.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return translate_help(command)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(translate("Commands")):
            names = self.list_commands(context)
            formatter.write_dl([(name, translate(COMMANDS[name][1])) for name in names])


def _is_built(module: str) -> bool:
    return importlib.util.find_spec(f"kept.cli.{module}") is not None


@click.command(
    cls=LazyCommands,
    epilog="Settings are environment variables: see docs/settings.md.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="kept")
def commands() -> None:
    """kept: from a creditor's file to the right, lawful next action."""


def main() -> None:
    """The console script; expected errors are one sentence and exit code 2."""
    set_up_click()
    translate_help(commands)
    try:
        commands(prog_name="kept")
    except Exception as error:
        from kept.cli.shell import sentence_for

        sentence = sentence_for(error)
        if sentence is None:
            raise
        click.echo(f"kept: {sentence}", err=True)
        sys.exit(2)
