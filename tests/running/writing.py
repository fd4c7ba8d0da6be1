"""A process that writes as long as it is let: one committed event a line, through every restart.

Run as `python writing.py`; it prints a number for each event whose commit was answered, and ends
when its input closes. What it meets while the database is away it takes as a worker would.
"""

import os
import select
import sys
from datetime import UTC, datetime

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kept.running.django_settings")
    django.setup()
    from django.db import InterfaceError, OperationalError, connection, transaction

    from kept.core.actors import job
    from kept.store.events import append_event

    written, pause = 0, 0.002
    while not select.select([sys.stdin], [], [], pause)[0]:
        try:
            with transaction.atomic():
                append_event(
                    actor=job("writing"),
                    action="run.note",
                    subject=f"run:{os.getpid()}",
                    body={"n": written + 1},
                    now=datetime.now(UTC),
                )
        except (OperationalError, InterfaceError):
            connection.close()
            pause = 0.1
            continue
        written, pause = written + 1, 0.002
        print(written, flush=True)


if __name__ == "__main__":
    main()
