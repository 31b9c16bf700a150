"""The process that converts evidence: `python -m pipeline.evidence.worker MEMORY_BYTES`, started and stopped by `process.Worker`.

It reads a job as one line of JSON from standard input and answers with one line on standard output, until the input ends.
What libraries print goes nowhere: it may quote the file.
"""

from __future__ import annotations

import io
import json
import math
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Wishes
from pipeline.evidence.record import FAULT, MADE, NAMELESS, NO_MEMORY, NOT_WRITTEN, REFUSED, JsonObject, findings_to, record_of
from pipeline.workers import bound, place_of

_GRACE: Final = 10
"""Seconds beyond a job's limit after which the system ends this process; its owner does so at the limit, unless it was killed itself."""


def main() -> None:
    """Converts until standard input ends."""
    answers = _private_output()
    memory = int(sys.argv[1])
    bound({resource.RLIMIT_AS: memory, resource.RLIMIT_FSIZE: memory})
    for line in sys.stdin.buffer:
        job = json.loads(line)
        signal.alarm(math.ceil(job["limits"]["seconds"]) + _GRACE)
        answers.write(json.dumps(answer(job)) + "\n")
        signal.alarm(0)
        answers.flush()


def _private_output() -> io.TextIOWrapper:
    """The real standard output, which then nothing else can write to."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def answer(job: JsonObject) -> JsonObject:
    """Does one job: converts `path` and writes its pages to `into`, beside which temporary files go."""
    tempfile.tempdir = str(Path(job["into"]).parent)
    try:
        converted = convert(Path(job["path"]), shown_as=NAMELESS, wishes=Wishes(**job["wishes"]), limits=Limits(**job["limits"]))
        return {MADE: record_of(converted)} if _written(Path(job["into"]), converted.pdf) else {NOT_WRITTEN: True}
    except EvidenceError as error:
        return {REFUSED: findings_to(error.findings)}
    except MemoryError:
        return {NO_MEMORY: True}
    except Exception as error:  # a fault of a converter ends this file, and is told apart from a fault of the file
        return {FAULT: place_of(error)}


def _written(target: Path, pdf: bytes) -> bool:
    """Writes to the disk, not only to its cache; False when the disk refuses."""
    try:
        with target.open("xb") as stream:
            stream.write(pdf)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
