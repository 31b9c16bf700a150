"""The room's way in: files of evidence become letter pages on disk, from the cache or through a worker that can be stopped."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pipeline.errors import EvidenceError, OutputError
from pipeline.evidence.cache import Run, key_of, open_run, temporary_run
from pipeline.evidence.marks import Marks
from pipeline.evidence.misnamed import misnamed
from pipeline.evidence.model import Kept, Wishes
from pipeline.evidence.names import Named, files_named
from pipeline.evidence.process import Job, WorkerEndedError, WorkerTooSlowError
from pipeline.evidence.record import FAULT, MADE, NO_MEMORY, NOT_WRITTEN, REFUSED, JsonObject, Made, findings_from, named
from pipeline.evidence.settings import Settings, load_settings
from pipeline.evidence.source import digest_of, resolve_source
from pipeline.evidence.workbench import Workbench

_READERS: Final = 2
_MENDED_OUTSIDE: Final = "evidence-office-letters"
"""A finding that goes when a font is installed, of which the cache's keys know nothing: such a file is converted anew in each run."""
_SMALLER: Final = "Open it in a viewer and print it to a new PDF, or raise the bound in evidence.yaml."


class Intake:
    """Takes the files of one packet in; what it returns is readable until it is closed.

    Files that were written since they were last hashed are read and hashed by two threads while the caller does other work, and
    files that are not in the cache converted one after the other.
    """

    def __init__(self, settings: Settings | None = None, bench: Workbench | None = None) -> None:
        """`bench` serves several intakes with one worker; without it the intake has a worker of its own.

        A worker starts with the first file that is not in the cache.  Raises EnvironmentMissingError for wrong settings, and
        OutputError when nothing can be written.
        """
        self.settings = settings or load_settings()
        self._bench = bench or Workbench()
        self._owns_bench = bench is None
        self._made: dict[str, Made] = {}
        self._marks: dict[Path, Marks] = {}
        try:
            self._runs = [open_run(self.settings.cache, self.settings.cache_bytes)]
        except OSError as error:
            raise _no_room("evidence") from error
        self._turn = threading.Lock()
        self._queue = ThreadPoolExecutor(_READERS, thread_name_prefix="evidence")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Gives up what is not finished, and removes the files that were handed out."""
        self._queue.shutdown(wait=False, cancel_futures=True)
        if self._owns_bench:
            self._bench.close()
        self._queue.shutdown()
        for marks in self._marks.values():
            marks.close()
        for run in self._runs:
            run.close()

    def files_named(self, case_folder: Path, name: str) -> Named:
        """The files that a case means by the name of a file, a folder or a pattern; raises EvidenceError."""
        return files_named(case_folder, name, self.settings.limits, self.settings.allowed_folders)

    def start(self, case_folder: Path, name: str, wishes: Wishes | None = None) -> Future[Kept]:
        """Begins to take in a file that a case names.

        The result raises EvidenceError, which names the file and the mend, and OutputError when the disk is full.
        """
        if case_folder not in self._marks:
            self._marks[case_folder] = Marks(self._runs[0].marks, case_folder)
        return self._queue.submit(self._take, case_folder, name, wishes or Wishes())

    def _take(self, case_folder: Path, name: str, wishes: Wishes) -> Kept:
        path = resolve_source(case_folder, name, self.settings.allowed_folders)
        digest = digest_of(path, shown_as=name, limits=self.settings.limits, marks=self._marks[case_folder])
        key = key_of(digest, wishes, self.settings.limits)
        kept = self._known(key, name) or self._convert(path, key, name, wishes)
        return misnamed(kept, name)

    def _known(self, key: str, shown_as: str) -> Kept | None:
        """The file as it was converted before, in this run or in an earlier one."""
        made = self._made.get(key) or self._runs[0].find(key)
        if made is None:
            return None
        try:
            kept = made.kept(key, shown_as)
        except (KeyError, TypeError, ValueError):  # written by other code, or damaged
            return None
        self._made[key] = made
        return kept

    def _convert(self, path: Path, key: str, shown_as: str, wishes: Wishes) -> Kept:
        with self._turn:
            found = self._known(key, shown_as)  # meanwhile another thread may have converted the same file
            if found is not None:
                return found
            made = self._made_by_worker(path, shown_as, wishes)
            key = key_of(made.record["sha256"], wishes, self.settings.limits)  # of what the worker read
            if all(each["rule"] != _MENDED_OUTSIDE for each in made.record["findings"]):
                self._runs[0].keep(key, made)
            self._made[key] = made
            return made.kept(key, shown_as)

    def _made_by_worker(self, path: Path, shown_as: str, wishes: Wishes) -> Made:
        """The conversion on the first disk that has room for it: the cache's, then the one of temporary files."""
        for run in (self._runs[0], None):
            into = (run or self._spare(shown_as)).new_path()
            answer = self._answer(Job(path, wishes, self.settings.limits, into), shown_as)
            if MADE in answer:
                return Made(answer[MADE], into)
            if NOT_WRITTEN not in answer:
                raise _refused(answer, shown_as)
            into.unlink(missing_ok=True)
        raise _no_room(shown_as)

    def _spare(self, shown_as: str) -> Run:
        try:
            self._runs.append(temporary_run())
        except OSError as error:
            raise _no_room(shown_as) from error
        return self._runs[-1]

    def _answer(self, job: Job, shown_as: str) -> JsonObject:
        try:
            return self._bench.convert(job)
        except WorkerTooSlowError as error:
            message = f"converting the file took longer than {job.limits.seconds} seconds"
            raise EvidenceError.one("evidence-time", shown_as, message, _SMALLER) from error
        except WorkerEndedError as error:
            message = f"converting the file ended the process that did it ({_cause(error.signal)})"
            raise EvidenceError.one("evidence-crash", shown_as, message, _SMALLER) from error


def _cause(number: int) -> str:
    try:
        return f"signal {signal.Signals(number).name}"
    except ValueError:
        return "without an answer"


def _refused(answer: JsonObject, shown_as: str) -> EvidenceError:
    if REFUSED in answer:
        return EvidenceError([named(finding, shown_as) for finding in findings_from(answer[REFUSED])])
    if NO_MEMORY in answer:
        return EvidenceError.one("evidence-memory", shown_as, "converting the file needs more memory than allowed", _SMALLER)
    message = f"a fault of this program stopped the conversion ({answer[FAULT]})"
    return EvidenceError.one("evidence-fault", shown_as, message, "Print the file to a new PDF, and report the fault.")


def _no_room(shown_as: str) -> OutputError:
    remedy = "Free space on the disk, or name another folder as `cache` in evidence.yaml."
    return OutputError.one("evidence-not-stored", shown_as, "its converted pages could not be written to the disk", remedy)
