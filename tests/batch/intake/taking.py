"""Takes one file in a process of its own, and may kill itself on the way (SIGKILL, no clean-up).

`python taking.py CSV FILE_ID ROWS_PER_CHUNK [KILL_BEFORE [CREDITOR]]`: the process kills itself
before its KILL_BEFORE-th statement. It prints how many statements it made.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


class Counted:
    """Counts statements; at one of them the process ends as if the power had gone."""

    def __init__(self, kill_before: int) -> None:
        self.count, self.kill_before = 0, kill_before

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.count += 1
        if self.count == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def main(
    csv: str, file_id: str, rows_per_chunk: str, kill_before: str = "0", creditor: str = "BANK"
) -> None:
    django.setup()
    from django.db import connection

    from tests.batch.intake.deliveries import take

    counted = Counted(int(kill_before))
    print("ready", flush=True)
    with connection.execute_wrapper(counted):
        file = take(
            Path(csv).read_bytes(),
            creditor=creditor,
            file_id=file_id,
            rows_per_chunk=int(rows_per_chunk),
        )
    print(counted.count, file.state, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
