"""Takes one payment file in a process of its own, and may kill itself on the way, as `taking.py`.

`python paying.py CSV [KILL_BEFORE]`: prints how many statements it made, and the file's state.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django


def main(csv: str, kill_before: str = "0") -> None:
    django.setup()
    from django.db import connection

    from kept.store.models import Account
    from tests.batch.intake.taking import Counted
    from tests.batch.intake.test_payments_loaded import hand_in

    account = Account.objects.select_related("creditor").get(external_id="A00000001")
    counted = Counted(int(kill_before))
    with connection.execute_wrapper(counted):
        file = hand_in(account, Path(csv).read_bytes(), chunk=10)
    print(counted.count, file.state, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
