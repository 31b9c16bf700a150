"""Processor time, and variants taken in turns, so that each sees the same machine."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from statistics import median


def processor_time() -> float:
    """Seconds of processor time of this process, its threads, and the processes it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def in_turn(*variants: Callable[[], object], rounds: int, clock: Callable[[], float] = processor_time) -> list[float]:
    """The median seconds of each variant, by processor time or another clock, after a first call of each that does not count."""
    for variant in variants:
        variant()
    taken: list[list[float]] = [[] for _ in variants]
    for _ in range(rounds):
        for variant, times in zip(variants, taken, strict=True):
            start = clock()
            variant()
            times.append(clock() - start)
    return [median(times) for times in taken]
