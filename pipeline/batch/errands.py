"""Cases on any path as errands for another machine: which files it needs, and how they were when the batch began."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePosixPath
from typing import Any, Final

from msgspec.structs import replace

from pipeline.batch.fingerprint import Mark, evidence_names
from pipeline.batch.model import Outcome, Task
from pipeline.batch.places import Place, files_behind, is_remote
from pipeline.batch.tasks import CASE_FILE, behind_each, local_files, looks_like_case, task_of
from pipeline.case.load import MAX_BYTES
from pipeline.errors import BatchError
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed

_AT_ONCE: Final = 500
"""Case files that are read together."""


class Errand(Sealed, frozen=True):
    """A case to be fetched, built and delivered."""

    task: Task
    """Its path only names the case: nothing is read from it."""
    folder: str
    """The case's folder, on any path."""
    digest: str
    """Sha256 of the case as it was read."""
    evidence: Mapping[str, Mark]
    """What the case may need beside its file, by path within the folder."""
    too_large: bool = False
    """Whether the case file is larger than is read: fetching its beginning is enough to refuse it."""

    @property
    def files(self) -> tuple[str, ...]:
        """What has to be fetched."""
        return (*self.evidence, *(() if self.task.text is not None else (self.task.path.name,)))


class Delivered(Sealed, frozen=True):
    """What became of an errand."""

    outcome: Outcome
    """Its folder is the packet's name within the folder of packets."""
    marks: Mapping[str, Mark]
    """Of the packet's files as they were delivered."""


def find_errands(paths: Sequence[str]) -> list[Errand]:
    """The cases behind files, folders (searched to the bottom, hidden ones left out) and patterns (`**` crosses folders) on any path.

    Raises BatchError for every path that stands for no case.
    """
    return behind_each(paths, _behind)


def errands_of(tasks: Sequence[Task]) -> list[Errand]:
    """The rows of a roster, whose base case lies in a folder that every machine sees under the same path."""
    folders = {folder: _Folder(str(folder)) for folder in dict.fromkeys(task.path.parent.absolute() for task in tasks)}
    tasks = [replace(task, path=task.path.absolute()) for task in tasks]
    return [_errand(task, folders[task.path.parent], "", (task.text or "").encode()) for task in tasks]


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

    def __init__(self, path: str, shown: str = "") -> None:
        """`shown` is what the user named it by, before the name of a file in it."""
        self.place = Place(path)
        self.shown = shown
        self.marks = self.place.marks()
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
    if not is_remote(path):
        local_files(path)  # names what cannot be searched, which fsspec passes over
    place = Place(path)
    if place.is_file():
        top, slash, name = path.rpartition("/")
        return _found(_Folder(top or "/" if slash else ".", f"{top}{slash}"), [name], named=True)
    if has_magic(path) and not place.exists():
        top, slash, _ = path[: next(i for i, c in enumerate(path) if c in "*?[")].rpartition("/")
        folder, pattern = _Folder(top or "/" if slash else ".", f"{top}{slash}"), path.removeprefix(f"{top}{slash}").split("/")
        return _found(folder, [name for name in folder.marks if _matches(name.split("/"), pattern)])
    folder = _Folder(path, f"{path}/")
    return _found(folder, [name for name in folder.marks if not _is_hidden(name.split("/"))])


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a file, or a folder that it lies in, is at a pattern; what is hidden only where the pattern names a dot."""
    if not pattern:
        return not _is_hidden(parts)
    if not parts:
        return pattern == ["**"]
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or (not _is_hidden(parts[:1]) and _matches(parts[1:], pattern))
    met = fnmatchcase(parts[0], pattern[0]) and (not _is_hidden(parts[:1]) or pattern[0].startswith("."))
    return met and _matches(parts[1:], pattern[1:])


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _found(folder: _Folder, names: Sequence[str], *, named: bool = False) -> Iterator[Errand]:
    """The cases among the JSON files of a folder; a file that the user named is one whatever it holds."""
    names = sorted(name for name in names if named or name.lower().endswith(".json"))
    for some in (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)):
        contents = folder.place.read(name for name in some if folder.marks[name][0] <= MAX_BYTES)
        for name in some:
            content = contents.get(name, b"")
            too_large = folder.marks[name][0] > MAX_BYTES
            if named or name.rpartition("/")[2] == CASE_FILE or (not too_large and _is_case(content)):
                yield _errand_in(folder, name, content, too_large)


def _is_case(content: bytes) -> bool:
    """Whether a JSON file is to be built; one that cannot be read may be a case, and building it says what is wrong."""
    try:
        return looks_like_case(json.loads(content))
    except (ValueError, RecursionError):
        return True


def _errand_in(folder: _Folder, name: str, content: bytes, too_large: bool) -> Errand:
    task = task_of(f"{folder.shown}{name}", Path(f"{folder.place.url}/{name}"), content.decode("utf-8-sig", "replace"))
    errand = _errand(replace(task, text=None), folder, name.rpartition("/")[0], content)
    return replace(errand, too_large=too_large, task=replace(errand.task, weight=folder.marks[name][0])) if too_large else errand


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
