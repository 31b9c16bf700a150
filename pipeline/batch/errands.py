"""Cases on any path as errands for another machine: which files it needs, and how they were when the batch began."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pipeline.batch.fingerprint import Mark, evidence_names
from pipeline.batch.model import Outcome, Task
from pipeline.batch.places import Place, files_behind
from pipeline.batch.tasks import CASE_FILE, behind_each, task_of
from pipeline.case.load import MAX_BYTES
from pipeline.errors import BatchError
from pipeline.findings import Finding, Level

_AT_ONCE: Final = 500
"""Case files that are read together."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A case to be fetched, built and delivered."""

    task: Task
    """Its path only names the case: nothing is read from it."""
    folder: str
    """The case's folder, on any path."""
    digest: str
    """Sha256 of the case as it was read."""
    evidence: Mapping[str, Mark] = field(repr=False)
    """What the case may need beside its file, by path within the folder."""

    @property
    def files(self) -> tuple[str, ...]:
        """What has to be fetched."""
        return (*self.evidence, *(() if self.task.text is not None else (self.task.path.name,)))


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of an errand."""

    outcome: Outcome
    """Its folder is the packet's name within the folder of packets."""
    marks: Mapping[str, Mark] = field(repr=False)
    """Of the packet's files as they were delivered."""


def find_errands(paths: Sequence[str]) -> list[Errand]:
    """The cases behind files, folders and patterns on any path; in a folder every file `case.json`, to the bottom.

    Raises BatchError for every path that stands for no case.
    """
    return behind_each(paths, _behind, f"Name a case file, or a folder that holds a {CASE_FILE}.")


def errands_of(tasks: Sequence[Task]) -> list[Errand]:
    """The rows of a roster, whose base case lies in a folder that every machine sees under the same path."""
    folders = {folder: _Folder(Place(str(folder))) for folder in dict.fromkeys(task.path.parent.absolute() for task in tasks)}
    return [_errand(task, folders[task.path.parent.absolute()], "", (task.text or "").encode()) for task in tasks]


def refuse_folders_of_cases(errands: Sequence[Errand], out: str) -> None:
    """Raises BatchError for every case whose packet would take the place of its own folder or of another case's, and of the evidence."""
    owners = {Place(f"{out.rstrip('/')}/{errand.task.folder}").real: errand for errand in errands if errand.task.folder}
    cases = {errand.folder: errand.task for errand in reversed(errands)}
    if held := [finding for folder, task in cases.items() for finding in _held(folder, task, owners)]:
        raise BatchError(held)


def _held(folder: str, task: Task, owners: Mapping[tuple[Any, PurePosixPath], Errand]) -> Iterator[Finding]:
    """A finding for every errand whose packet's folder is, or holds, the folder of a case."""
    system, path = Place(folder).real
    for owner in (owners[system, each] for each in (path, *path.parents) if (system, each) in owners):
        what = "the case" if owner.folder == folder else task.name
        message, remedy = f"the packet would take the place of {what} and its evidence", "Name another folder with --out, or move the case."
        yield Finding("output-case", Level.ERROR, owner.task.name, message, remedy)


class _Folder:
    """A folder and what lies in it, listed once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.marks = place.marks()
        self._names = sorted(self.marks)

    def below(self, inner: str) -> dict[str, Mark]:
        """The files of an inner folder by their names within it."""
        if not inner:
            return self.marks
        first, last = bisect_left(self._names, f"{inner}/"), bisect_left(self._names, f"{inner}0")  # 0 follows the slash
        return {name[len(inner) + 1 :]: self.marks[name] for name in self._names[first:last]}


def _behind(path: str) -> Iterator[Errand]:
    """A pattern is matched below its last folder that has none."""
    path = path.rstrip("/")
    if has_magic(path):
        top = path[: next(i for i, c in enumerate(path) if c in "*?[")].rpartition("/")[0] or "."
        folder, pattern = _Folder(Place(top)), path.removeprefix(f"{top}/")
        names = [name for name in folder.marks if _matches(name, pattern)]
    elif path.endswith(".json"):
        top, _, name = path.rpartition("/")
        folder = _Folder(Place(top or "."))
        names = [name] if name in folder.marks else []
    else:
        folder = _Folder(Place(path))
        names = [name for name in folder.marks if name.rpartition("/")[2] == CASE_FILE]
    return _found(folder, sorted(name for name in names if folder.marks[name][0] <= MAX_BYTES))


def _matches(name: str, pattern: str) -> bool:
    """Whether a case file lies at a pattern, or is the `case.json` of a folder that does."""
    inner, _, last = name.rpartition("/")
    return (last.endswith(".json") and fnmatchcase(name, pattern)) or (last == CASE_FILE and fnmatchcase(inner, pattern))


def _found(folder: _Folder, names: Sequence[str]) -> Iterator[Errand]:
    for some in (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)):
        for name, content in sorted(folder.place.read(some).items()):
            inner = name.rpartition("/")[0]
            url = f"{folder.place.url}/{name}"
            task = task_of(url, Path(url), content.decode("utf-8", "replace"))
            yield _errand(replace(task, text=None), folder, inner, content)


def _errand(task: Task, folder: _Folder, inner: str, content: bytes) -> Errand:
    try:
        names = list(evidence_names(json.loads(content)))
    except (ValueError, RecursionError):
        names = []  # building it says what is wrong
    below = folder.below(inner)
    evidence = {name: below[name] for name in sorted(set(files_behind(names, below)))}
    weight = len(content) + sum(size for size, _ in evidence.values())
    url = f"{folder.place.url}/{inner}".rstrip("/")
    return Errand(replace(task, weight=weight), url, hashlib.sha256(content).hexdigest(), evidence)
