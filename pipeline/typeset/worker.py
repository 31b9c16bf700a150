"""The process that runs Typst for an office's own templates: `python -m pipeline.typeset.worker`, started by `bounded`.

Its arguments are the bytes of memory it may use, and the handles that jobs come in by and answers leave by.  It ends when its owner
is gone, however that ended, and whatever Typst is doing then.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Final

from pipeline.typeset.job import run
from pipeline.workers import bound

_GRACE: Final = 10
"""Seconds beyond a job's own after which the system ends this process; its owner does so when they are over, if it is still there."""


def main() -> None:
    """Answers jobs, each with the seconds that it may take, until no more come."""
    memory, jobs, answers = (int(argument) for argument in sys.argv[1:])
    bound({resource.RLIMIT_AS: memory})
    threading.Thread(target=_end_with_owner, args=(jobs,), daemon=True).start()
    with Connection(jobs, writable=False) as receiving, Connection(answers, readable=False) as sending:
        while True:
            try:
                job, seconds = receiving.recv()
            except EOFError:
                return
            signal.alarm(math.ceil(seconds) + _GRACE)
            made = run(job)
            signal.alarm(0)
            sending.send(made)


def _end_with_owner(jobs: int) -> None:
    """Ends this process when nobody can send it jobs any more: the pipe hangs up, which leaves what is in it to be read."""
    hanging_up = select.poll()
    hanging_up.register(jobs, 0)
    hanging_up.poll()
    os._exit(0)


if __name__ == "__main__":
    main()
