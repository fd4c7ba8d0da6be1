"""Takes one file of plans in a process of its own, and kills itself on the way (SIGKILL).

`python taking_plans.py CSV CREDITOR ROWS_PER_CHUNK KILL_BEFORE`, as `taking.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django


def main(csv: str, creditor: str, rows_per_chunk: str, kill_before: str) -> None:
    django.setup()
    from django.db import connection

    from kept.batch.intake.receiving import FileToReceive, receive_and_run
    from tests.batch.intake.records import ACTOR, NOW, PLANS
    from tests.batch.intake.taking import Counted

    with connection.execute_wrapper(Counted(int(kill_before))), Path(csv).open("rb") as content:
        handed_in = FileToReceive(
            creditor_code=creditor,
            name="plans.csv",
            content=content,
            map_name="plans.yaml",
            map_text=PLANS,
            rows_per_chunk=int(rows_per_chunk),
        )
        print(receive_and_run(actor=ACTOR, file=handed_in, now=NOW).state, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
