"""One run of Typst, in this process or in another: plain data in, plain data out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import typst
from msgspec import Struct

from pipeline.sealed import Sealed

NOTHING = Path("/dev/null")
"""A root that is no folder: Typst accepts it, and every file it is then asked to read is an error."""


class Bounds(Struct, frozen=True):
    """What one document may use."""

    seconds: float = 30
    memory: int = 2_000_000_000
    """Bytes of address space."""


class Reach(Struct, frozen=True):
    """What Typst may reach for a document, beside the source and the fonts in its wheel."""

    root: Path | None = None
    """The only folder that Typst may read; None for none."""
    fonts: tuple[Path, ...] = ()
    """Font folders."""
    installed: bool = False
    """Whether fonts of this machine may be used too."""
    bounds: Bounds | None = None
    """With them Typst runs in a process of its own, which is ended when it uses more; without them it is not timed."""


class Job(Sealed, frozen=True):
    """What Typst is asked for."""

    source: str
    day: date | None
    """The day written into a tagged PDF; None asks for HTML."""
    reach: Reach = Reach()


class Made(Sealed, frozen=True):
    """What Typst answered."""

    data: bytes
    """The PDF or HTML; empty after an error."""
    failed: bool = False
    diagnostics: tuple[str, ...] = ()
    """Typst's own words: one error, or warnings.  They may hold values of the case."""


def run(job: Job) -> Made:
    """Runs Typst in this thread with a kept compiler; not timed."""
    source = job.source.encode()
    with _compilers(job.reach.root or NOTHING, job.reach.fonts, job.reach.installed).lent() as compiler:
        try:
            if job.day is None:
                made, warnings = compiler.compile_with_warnings(input=source, format="html")
            else:
                day = datetime(job.day.year, job.day.month, job.day.day, tzinfo=UTC)
                made, warnings = compiler.compile_with_warnings(input=source, format="pdf", pdf_standards=["ua-1"], timestamp=day)
        except typst.TypstError as error:
            return Made(b"", True, (error.diagnostic,))
    if not isinstance(made, bytes):
        raise TypeError(f"Typst gave {type(made).__name__} for one document")
    return Made(made, False, tuple(warning.diagnostic for warning in warnings))


class _Compilers:
    """Kept compilers with one root and one set of fonts, each lent to one thread at a time."""

    def __init__(self, root: Path, fonts: tuple[Path, ...], installed: bool) -> None:
        self._root, self._fonts, self._installed = root, fonts, installed
        self._idle: deque[typst.Compiler] = deque()

    @contextmanager
    def lent(self) -> Iterator[typst.Compiler]:
        """A compiler that is not in use: what it has learned of fonts and templates serves whatever thread comes next."""
        try:
            compiler = self._idle.pop()
        except IndexError:  # about 5 ms, 30 with the machine's fonts
            compiler = typst.Compiler(root=self._root, font_paths=list(self._fonts), ignore_system_fonts=not self._installed)
        try:
            yield compiler
        finally:
            self._idle.append(compiler)


@lru_cache(maxsize=8)
def _compilers(root: Path, fonts: tuple[Path, ...], installed: bool) -> _Compilers:
    return _Compilers(root, fonts, installed)
