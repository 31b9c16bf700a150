"""The process that runs Typst for an office's own templates: `python -m pipeline.typeset.worker`, started by `bounded`.

Its arguments are the bytes of memory it may use, and the handles that jobs come in by and answers leave by.
"""

from __future__ import annotations

import resource
import sys
from multiprocessing.connection import Connection

from pipeline.typeset.job import run
from pipeline.workers import bound


def main() -> None:
    """Answers jobs until no more come."""
    memory, jobs, answers = (int(argument) for argument in sys.argv[1:])
    bound({resource.RLIMIT_AS: memory})
    with Connection(jobs, writable=False) as receiving, Connection(answers, readable=False) as sending:
        while True:
            try:
                job = receiving.recv()
            except EOFError:
                return
            sending.send(run(job))


if __name__ == "__main__":
    main()
