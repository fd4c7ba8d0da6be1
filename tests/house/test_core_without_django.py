"""`kept` installs without its server extras, and the core works where Django is absent.

A fresh environment gets a wheel built from this checkout and the core's three dependencies at the
versions and hashes of the lock file, nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("narwhals", "numpy", "pyyaml")

SCRIPT = """
import importlib
import pkgutil

for absent in ("django", "polars", "pyspark", "click", "psycopg"):
    try:
        importlib.import_module(absent)
    except ImportError:
        continue
    raise SystemExit(absent + " is installed: this proves nothing")

import kept.core
import kept.packs

for room in (kept.core, kept.packs):
    for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
        importlib.import_module(module.name)

from kept.core.conditions import compile_condition
from kept.core.currencies import currency
from kept.core.money import Money, Remainder, split

due = compile_condition('6 <= dpd <= 17 and balance >= money(500, "CNY")')
facts = {"dpd": 9, "balance": 50_000, "currency": "CNY"}
assert due.evaluate(facts).surely_true
assert due.evaluate(facts | {"dpd": 18}).surely_false
assert not any(due.evaluate(facts | {"currency": "USD"}))
assert [s.text for s in split(Money(100, currency("CNY")), 3, remainder_to=Remainder.LAST)] == [
    "0.33", "0.33", "0.34"
]
print("the core stands alone")
"""


def test_the_core_stands_alone(tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    venv.create(home, with_pip=False)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    needed = tmp_path / "needed.txt"
    needed.write_text(_locked(NEEDED), encoding="utf-8")
    _pip(python, "--require-hashes", "-r", str(needed))
    _pip(python, "--no-deps", "--no-index", str(_wheel(tmp_path)))
    ran = subprocess.run(
        [str(python), "-I", "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "the core stands alone", ran.stderr


def _locked(names: tuple[str, ...]) -> str:
    """The lock file's own lines for these packages: version, condition and hashes."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.finditer(r"(?m)^([a-z0-9-]+)==(?:.*\\\n)*.*\n?", lock)
    chosen = [entry[0] for entry in entries if entry[1] in names]
    assert {block.partition("==")[0] for block in chosen} == set(names)
    return "".join(chosen)


def _wheel(folder: Path) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("kept-*.whl")
    return wheel


def _pip(python: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    command += ["--disable-pip-version-check", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode and "--require-hashes" in arguments and os.environ.get("CI") != "true":
        pytest.skip("the core's dependencies could not be had from the registry; CI never skips")
    assert ran.returncode == 0, ran.stderr
