"""Runs the second night in a process of its own, and may kill itself on the way (SIGKILL).

`python one_night.py [KILL_BEFORE]`: before its KILL_BEFORE-th statement, whichever of its threads
makes it, the process kills itself. It prints how many statements it made.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
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


def main(kill_before: str = "0") -> None:
    django.setup()
    from django.db.backends.signals import connection_created

    from kept.store.models import Product
    from tests.batch.nightly.nights import SECOND, night

    counted = Counted(int(kill_before))

    def count(connection: Any, **_given: Any) -> None:
        connection.execute_wrappers.append(counted)

    connection_created.connect(count)
    product = Product.objects.get()
    print("ready", flush=True)
    result = night(product, SECOND)
    print(counted.count, result["tasks"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
