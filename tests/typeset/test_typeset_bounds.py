"""Typst source that does not end is stopped, by Typst itself or with the process that runs it; the next document is none the worse."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from pipeline.errors import TemplateError
from pipeline.typeset import worker
from pipeline.typeset.compile import ENDLESS, typeset
from pipeline.typeset.job import Bounds, Job, Reach
from pipeline.workers import HOME, command

_HEAD = '#set document(title: "x")\n#set text(lang: "en")\n'
_DAY = date(2026, 11, 24)


def _stopped(body: str, bounds: Bounds | None) -> tuple[str, str]:
    with pytest.raises(TemplateError) as caught:
        typeset(_HEAD + body, name="t.typ.j2", timestamp=_DAY, reach=Reach(bounds=bounds))
    (finding,) = caught.value.findings
    return finding.rule, finding.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("#while true {}", "Typst: condition is always true"),
        ("#let n = 1\n#while n > 0 { n += 1 }", "Typst: loop seems to be infinite"),
        ("#let f(n) = f(n + 1)\n#f(0)", "Typst: maximum function call depth exceeded"),
        ("#show heading: it => heading(it)\n= a", "Typst: maximum show rule depth exceeded"),
    ],
)
def test_what_typst_stops_by_itself_needs_no_other_process(body: str, message: str) -> None:
    assert _stopped(body, None) == ("template-typst", message)


@pytest.mark.parametrize("body", ["#for a in range(99999) { for b in range(99999) {} }", "#block(height: 1e9pt)", "#lorem(1000000000)"])
def test_what_typst_does_not_stop_is_ended_after_its_time(body: str) -> None:
    assert _stopped(body, Bounds(seconds=0.7)) == (ENDLESS, "Typst took longer than 0.7 seconds")


def test_a_text_without_end_is_ended_by_the_bound_on_memory() -> None:
    rule, message = _stopped('#("a" * 10000000000)', Bounds(seconds=30))
    assert rule == ENDLESS
    assert "bytes of memory" in message


def test_after_that_a_document_is_what_it_is_without_bounds() -> None:
    _stopped("#block(height: 1e9pt)", Bounds(seconds=0.7))
    source = f"{_HEAD}Καλημέρα"
    assert typeset(source, name="t", timestamp=_DAY, reach=Reach(bounds=Bounds())) == typeset(source, name="t", timestamp=_DAY)
    with pytest.raises(TemplateError) as caught:
        typeset(f"{_HEAD}#nothing", name="t", timestamp=_DAY, reach=Reach(bounds=Bounds()))
    assert "unknown variable" in caught.value.findings[0].message


_ENDLESS = f"{_HEAD}#for a in range(99999) {{ for b in range(99999) {{}} }}"


@contextmanager
def _at_work(seconds: float) -> Iterator[tuple[subprocess.Popen[bytes], Connection]]:
    """A worker that has a job without end, and what sends it jobs."""
    jobs, sending = Pipe(duplex=False)
    receiving, answers = Pipe(duplex=False)
    handles = (jobs.fileno(), answers.fileno())
    with subprocess.Popen(
        command("pipeline.typeset.worker", 2_000_000_000, *handles), pass_fds=handles, start_new_session=True, env={"PYTHONPATH": HOME}
    ) as process:
        jobs.close()
        answers.close()
        sending.send((Job("", None), 30))
        receiving.recv()  # it is there
        sending.send((Job(_ENDLESS, _DAY), seconds))
        time.sleep(0.3)
        assert process.poll() is None
        try:
            yield process, sending
        finally:
            process.kill()
    for pipe in (sending, receiving):
        pipe.close()


def test_the_worker_ends_at_once_when_its_owner_is_gone() -> None:
    with _at_work(600) as (process, sending):
        sending.close()
        assert process.wait(timeout=5) == 0


def test_the_system_ends_a_worker_whose_owner_does_not() -> None:
    with _at_work(1 - worker._GRACE) as (process, _):
        assert process.wait(timeout=5) == -signal.SIGALRM


_OWNER = f"""
import os, threading, time
from pipeline.typeset.bounded import _bench, run_bounded
from pipeline.typeset.job import Bounds, Job
run_bounded(Job("", None), Bounds())
print(_bench(os.getpid())._worker._process.pid, flush=True)
threading.Timer(0.5, lambda: os._exit(0)).start()
run_bounded(Job({_ENDLESS!r}, None), Bounds(seconds=600))
"""


def test_no_worker_outlives_an_owner_that_leaves_without_a_farewell() -> None:
    """As a process of a batch does that is stopped."""
    ended = subprocess.run([sys.executable, "-c", _OWNER], env={"PYTHONPATH": HOME}, capture_output=True, check=True)
    number, until = int(ended.stdout), time.monotonic() + 5
    while _runs(number):
        assert time.monotonic() < until, "the worker is still there"
        time.sleep(0.05)


def _runs(number: int) -> bool:
    """Whether a process is there and is more than an entry that nobody has fetched."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, check=False).stdout.strip()
    return bool(state) and not state.startswith(b"Z")
