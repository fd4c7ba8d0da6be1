"""`docs/benchmarks.md`: a section a benchmark, written anew when that benchmark ran."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from kept.bench.form import Measure, rounded

__all__ = ["benchmarks_page", "machine"]

_HEAD = """\
# Benchmarks

Written by `kept bench all --write docs/benchmarks.md` (`make bench`); never edited. Ratios are the
median of at least three paired runs in turn on the same machine: ours ÷ the peer's. A goal holds at
the full scale; a quick run has goals of its own.
"""


def benchmarks_page(
    found: Mapping[str, Sequence[Measure]],
    *,
    command: str,
    machine: str,
    on: date,
    before: str = "",
) -> str:
    """The page. Sections of `before` whose benchmarks did not run this time are kept."""
    sections = _sections(before)
    for name, measures in found.items():
        sections[name] = _section(name, measures, f"`{command}`, {on.isoformat()}, {machine}")
    return _HEAD + "".join(sections[name] for name in sorted(sections))


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"(?m)^(?=## )", page)[1:]
    return {part.splitlines()[0][3:]: "\n" + part.strip("\n") + "\n" for part in parts}


def _section(name: str, measures: Sequence[Measure], circumstances: str) -> str:
    rows = "".join(_row(measure) for measure in measures)
    return (
        f"\n## {name}\n\n{circumstances}\n\n"
        "| measure | figure | held against | ratio | scale | goal | met |\n"
        "|---|---|---|---|---|---|---|\n" + rows
    )


def _row(measure: Measure) -> str:
    ratio = "" if measure.ratio is None else f"{measure.ratio:.2f}"
    scale = measure.scale if measure.full else f"{measure.scale} (quick)"
    cells = (
        measure.name,
        f"{rounded(measure.value)} {measure.unit}",
        measure.peer,
        ratio,
        scale,
        measure.goal,
        "yes" if measure.met else "**no**",
    )
    return "| " + " | ".join(cells) + " |\n"


def machine() -> str:
    """What the machine is, without its name: processors, memory, Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} processors ({platform.machine()}), {_memory()} GB,"
        f" Python {platform.python_version()}"
    )


def _memory() -> str:
    about = Path("/proc/meminfo")
    found = re.search(r"MemTotal:\s+(\d+) kB", about.read_text()) if about.exists() else None
    return f"{int(found[1]) / 2**20:.0f}" if found else "?"
