"""`kept intake --received-at`: an old file is taken in as of its own time."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

from kept.store.models import Case, Event, IntakeFile
from tests import forking
from tests.batch.intake.deliveries import MAP, csv_of, make_bank, rows


def kept_intake(
    folder: Path, environment: dict[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    path, map_path = folder / "old.csv", folder / "map.yaml"
    path.write_bytes(csv_of(rows(5)))
    map_path.write_text(MAP, encoding="utf-8")
    command = ["intake", str(path), "--creditor", "BANK", "--map", str(map_path), *options]
    return forking.run(["-m", "kept.cli", *command], environment)


def test_cases_open_on_the_day_the_file_counts_as_received(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    make_bank()
    options = ("--as-of", "2026-11-01", "--received-at", "2026-11-02T03:00+08:00")
    done = kept_intake(tmp_path, child_environment, *options)
    assert done.returncode == 0, done.stderr
    moment = datetime(2026, 11, 1, 19, 0, tzinfo=UTC)
    assert IntakeFile.objects.get().received_at == moment
    assert set(Case.objects.values_list("opened_on", flat=True)) <= {date(2026, 11, 2)}
    assert set(Event.objects.values_list("recorded_at", flat=True)) == {moment}


def test_a_moment_without_its_offset_is_refused(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    make_bank()
    done = kept_intake(tmp_path, child_environment, "--received-at", "2026-11-02T03:00")
    assert done.returncode == 2
    assert "write it with its offset" in done.stderr
    assert IntakeFile.objects.count() == 0
