"""Peak memory of a piece of work, measured in a process of its own.

The child reads its own high-water mark, which begins anew with the program it runs; what `wait`
reports of a child may be its parent's memory from before that moment.
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["MeasurementFailed", "peak_memory"]

_MARK = "kept-peak-bytes"


class MeasurementFailed(RuntimeError):
    """The measured process did not end well; what it wrote to its error stream follows."""


def peak_memory(
    function: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> int:
    """Peak resident bytes of a fresh process that calls `module:function` with text arguments."""
    command = [sys.executable, "-m", "kept.bench.memory", function, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = [line for line in ran.stdout.splitlines() if _MARK in line]
    if ran.returncode or not found:
        raise MeasurementFailed(ran.stderr.strip() or f"{function} printed no peak")
    return int(json.loads(found[-1])[_MARK])


def own_peak() -> int:
    """Peak resident bytes of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _child(function: str, *arguments: str) -> None:
    module, _, name = function.partition(":")
    getattr(importlib.import_module(module), name)(*arguments)
    print(json.dumps({_MARK: own_peak()}))


if __name__ == "__main__":
    _child(*sys.argv[1:])
