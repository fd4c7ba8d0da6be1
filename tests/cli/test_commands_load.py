"""Every command is found by its name before Django is set up, as the console script does it."""

from __future__ import annotations

import os
import subprocess
import sys

_LOAD = """
import click
from kept.cli import COMMANDS, commands
for name in COMMANDS:
    assert commands.get_command(click.Context(commands), name) is not None, name
    print(name)
"""


def test_every_command_loads_without_settings_of_django() -> None:
    from kept.cli import COMMANDS

    bare = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    answer = subprocess.run([sys.executable, "-c", _LOAD], env=bare, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == list(COMMANDS)
