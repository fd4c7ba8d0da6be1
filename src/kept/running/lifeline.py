"""A process of kept that ends when the one that started it ends, even when that one is killed.

It works on Linux; elsewhere a killed `kept up` leaves its web server and worker running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["PARENT", "end_with_parent"]

PARENT = "KEPT_PARENT_PROCESS"
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends, where the parent is a `kept up`."""
    parent = os.environ.pop(PARENT, "")
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != int(parent):  # it ended before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)
