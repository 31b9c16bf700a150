"""What the worker processes of this program have in common: how each is started, what it may use, and what is told of its faults."""

from __future__ import annotations

import resource
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HOME: Final = str(Path(__file__).resolve().parent.parent)
"""What a worker needs as PYTHONPATH, to import this package and no other."""


def command(module: str, *arguments: object) -> list[str]:
    """What starts a module of this package as a program of its own, in this Python; with HOME as its PYTHONPATH."""
    return [sys.executable, "-P", "-m", module, *map(str, arguments)]


def bound(limits: Mapping[int, int]) -> None:
    """Bounds this process: kinds of `resource`, such as RLIMIT_AS, to the most that it may have; it leaves no core behind.

    A lower bound that is set stays, and a kind that the system does not have is passed over.
    """
    for kind, most in {**limits, resource.RLIMIT_CORE: 0}.items():
        now, _ = resource.getrlimit(kind)
        try:
            if now == resource.RLIM_INFINITY or now > most:
                resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue


def place_of(error: Exception) -> str:
    """Kind and place of an error, without its words, which may quote a case or a file."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = ([frame for frame in frames if "pipeline" in Path(frame.filename).parts] or frames)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}, line {frame.lineno}"
