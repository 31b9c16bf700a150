"""One worker for all tests that do not ask how workers begin and end: starting it takes longer than most files."""

from __future__ import annotations

import atexit
from functools import cache

from pipeline.evidence.workbench import Workbench


@cache
def shared_bench() -> Workbench:
    """The same bench each time; it ends with the tests."""
    bench = Workbench()
    atexit.register(bench.close)
    return bench
