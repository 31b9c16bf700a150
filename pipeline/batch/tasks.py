"""From what the user names to tasks: case files, folders and patterns.  Everything that clashes is found before work starts."""

from __future__ import annotations

import errno
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Final, TypeVar

from pipeline.batch.fingerprint import evidence_names
from pipeline.batch.model import Task
from pipeline.case.load import MAX_BYTES
from pipeline.case.model import Case
from pipeline.errors import BatchError
from pipeline.findings import Finding, Level
from pipeline.storage import is_text, open_regular

CASE_FILE: Final = "case.json"
"""A file of this name is a case, even when it cannot be read."""
_OF_A_CASE: Final = frozenset({"petitioner", "beneficiaries", "request"})
"""A JSON file of another name is a case when it has a `case_id` and one of these."""

_NOTHING_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Errors of the system that say that a pattern leads to nothing, and not that it cannot be followed."""

_Found = TypeVar("_Found")


def find_tasks(paths: Sequence[str]) -> list[Task]:
    """The cases behind files, folders (searched to the bottom, hidden ones left out) and patterns (`**` crosses folders), in that order.

    Raises BatchError for every path that stands for no case.
    """
    return behind_each(paths, _behind)


def behind_each(paths: Sequence[str], behind: Callable[[str], Iterable[_Found]]) -> list[_Found]:
    """What `behind` finds behind each path, in order; raises BatchError for every path where it finds nothing or raises one."""
    found: list[_Found] = []
    wrong: list[Finding] = []
    for path in paths:
        try:
            cases = list(behind(path))
        except BatchError as error:
            wrong += error.findings
            continue
        found += cases
        if not cases:
            remedy = "Name a case file, or a folder that holds cases."
            wrong.append(Finding("batch-no-case", Level.ERROR, path, "there is no case here", remedy))
    if wrong:
        raise BatchError(wrong)
    return found


def refuse_clashes(tasks: Sequence[Task]) -> None:
    """Raises BatchError for every case that is named twice, has the id of an earlier one, or would write into its folder.

    So does a path that is no text, which the journal cannot hold.
    """
    if clashes := list(_clashes(tasks)):
        raise BatchError(clashes)


def task_of(name: str, path: Path, text: str | None = None, columns: Mapping[str, str] | None = None) -> Task:
    """The task of a case file, or of a row of a roster: a case in `text` whose evidence lies beside `path`.

    A case that cannot be read gives a task, too, without an id; building it says what is wrong.
    """
    try:
        content = text.encode() if text is not None else _read(path)
        data = json.loads(content) if len(content) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return Task(name, path, "", 0, text, columns or {})
    if not isinstance(data, Mapping):
        return Task(name, path, "", len(content), text, columns or {})
    case_id = data.get("case_id")
    weight = len(content) + sum(_size(path.parent / file) for file in dict.fromkeys(evidence_names(data)))
    return Task(name, path, case_id if isinstance(case_id, str) else "", weight, text, columns or {}, _folder(path, data))


def _read(path: Path) -> bytes:
    """What a case file holds; of one that is too large hardly more than the beginning.  Raises OSError, also for a pipe or device."""
    with open_regular(path) as stream:
        return stream.read(MAX_BYTES + 1)


def _folder(path: Path, data: Mapping[str, Any]) -> str:
    """The name of the packet's folder; empty when the case is too wrong to have one."""
    try:
        name = Case(path, data).packet_name if isinstance(data["case_id"], str) else ""
    except (KeyError, TypeError, AttributeError):
        return ""
    return name if name == Path(name).name else ""


def looks_like_case(data: object) -> bool:
    """Whether what a JSON file of any name holds is a case."""
    return isinstance(data, Mapping) and "case_id" in data and not _OF_A_CASE.isdisjoint(data)


def _size(path: Path) -> int:
    """Bytes of a file, or of the files in a folder; 0 for a pattern or a file that is not there."""
    try:
        if path.is_dir():
            return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


def _behind(path: str) -> Iterator[Task]:
    files = local_files(path)
    return iter([task_of(path, Path(path))]) if files == [path] else _each_once(files)


def local_files(path: str) -> list[str]:
    """The files behind a path or pattern of this machine that may be cases.  Raises BatchError for every folder that cannot be searched."""
    _refuse_unsearched(_passed_over(path))
    if has_magic(path) and not os.path.exists(path):  # noqa: PTH110 - it never raises
        matched = sorted(_glob(path), key=_links_last)
        return [name for each in matched for name in (_in_folder(each) if _is_folder(each) else (each,))]
    if _is_folder(path):
        return _in_folder(path)
    return [path] if Path(path).exists() else []


def _is_folder(path: str) -> bool:
    """Whether it is a folder; where it cannot be asked it counts as none."""
    return os.path.isdir(path)  # noqa: PTH112 - it never raises


def _glob(pattern: str) -> list[str]:
    return glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob wants the part before the pattern apart


def _passed_over(pattern: str) -> Iterator[tuple[str, OSError]]:
    """The folders that a path or pattern leads into and that cannot be searched, which `glob` passes over without a word."""
    parts = pattern.split("/")
    for place, part in enumerate(parts):
        before = "/".join(parts[: place + (part == "**")])
        for folder in map(Path, _glob(before) if has_magic(before) else [before or Path(pattern).anchor]):
            try:
                if has_magic(part):
                    os.scandir(folder).close()
                else:
                    (folder / part).lstat()
            except OSError as error:
                if error.errno not in _NOTHING_THERE:
                    yield str(folder if os.path.lexists(folder) else folder.parent), error


def _links_last(path: str) -> tuple[bool, str]:
    folder = Path(path) if _is_folder(path) else Path(path).parent
    return _real(folder) != folder.absolute(), path


def _real(path: str | Path) -> Path:
    """The path without links; other than `Path.resolve` it leaves a link that leads to itself as it is."""
    return Path(os.path.realpath(path))


def _each_once(names: Iterable[str]) -> Iterator[Task]:
    """The cases among the files; of several ways to one folder the first counts."""
    ways: dict[Path, str] = {}
    for name in names:
        ways.setdefault(_real(Path(name).parent) / Path(name).name, name)
    yield from (task_of(name, Path(name)) for name in ways.values() if _is_case(Path(name)))


def _in_folder(top: str) -> list[str]:
    """The JSON files below a folder, each once: a folder that a link leads to comes last, unless it was searched already.

    A link that leads up from where the search began is not followed.  Raises BatchError for every folder that cannot be read.
    """
    above = {_real(top), *_real(top).parents}
    searched: set[Path] = set()
    refused: list[OSError] = []
    found: list[str] = []
    waiting = deque([top])
    while waiting:
        for here, folders, files in os.walk(waiting.popleft(), onerror=refused.append):
            place = _real(here)
            if place in searched:
                folders.clear()
                continue
            searched.add(place)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            links = [str(Path(here) / name) for name in folders if os.path.islink(Path(here) / name)]  # noqa: PTH114 - it never raises
            waiting.extend(link for link in links if _real(link) not in above)
            found += [str(Path(here) / name) for name in sorted(files) if name.lower().endswith(".json") and not name.startswith(".")]
    _refuse_unsearched((str(error.filename), error) for error in refused)
    return found


def _refuse_unsearched(folders: Iterable[tuple[str, OSError]]) -> None:
    """Raises BatchError for every folder that cannot be searched, once."""
    if reasons := dict(folders):
        raise BatchError([_unsearched(folder, error) for folder, error in reasons.items()])


def _unsearched(folder: str, error: OSError) -> Finding:
    message, remedy = f"the folder cannot be searched: {error.strerror}", "Correct its permissions, or name what lies beside it."
    return Finding("batch-folder", Level.ERROR, folder, message, remedy)


def _is_case(path: Path) -> bool:
    """Whether a file is to be built; a JSON file that cannot be read may be a case, and building it says what is wrong."""
    if path.name == CASE_FILE:
        return True
    try:
        content = _read(path)
        data = json.loads(content) if len(content) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return path.suffix.lower() == ".json"
    return looks_like_case(data)


def _apart(task: Task, other: Task) -> bool:
    """Whether two cases of one id are two stages of a request, such as its filing and a response, whose packets stand beside each other."""
    return bool(task.folder and other.folder) and task.folder != other.folder


def _clashes(tasks: Iterable[Task]) -> Iterator[Finding]:
    files: dict[Path, Task] = {}
    ids: dict[str, Task] = {}
    folders: dict[str, Task] = {}
    for task in tasks:
        real = _real(task.path)
        if not is_text(task.path):
            yield Finding("batch-name", Level.ERROR, task.name, "its path has bytes that are no UTF-8 text", "Rename the file or folder.")
        elif task.text is None and real in files:
            remedy = "Name it once."
            yield Finding("batch-named-twice", Level.ERROR, task.name, f"is the case that {files[real].name} names already", remedy)
        elif task.case_id and task.case_id in ids and not _apart(task, ids[task.case_id]):
            remedy = "Give each case an id of its own."
            yield Finding("batch-same-id", Level.ERROR, task.name, f"has the case_id of {ids[task.case_id].name}", remedy)
        elif task.folder and task.folder in folders:
            remedy = "Change the case_id of one of the two."
            message = f"would write its packet into the folder of {folders[task.folder].name}"
            yield Finding("batch-same-folder", Level.ERROR, task.name, message, remedy)
        if task.text is None:
            files.setdefault(real, task)
        ids.setdefault(task.case_id, task)
        folders.setdefault(task.folder, task)
