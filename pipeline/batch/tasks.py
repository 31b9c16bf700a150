"""From what the user names to tasks: case files, folders and patterns.  Everything that clashes is found before work starts."""

from __future__ import annotations

import json
import os
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
from pipeline.storage import is_text

CASE_FILE: Final = "case.json"
"""A file of this name is a case, even when it cannot be read."""
_OF_A_CASE: Final = frozenset({"petitioner", "beneficiaries", "request"})
"""A JSON file of another name is a case when it has a `case_id` and one of these."""

_Found = TypeVar("_Found")


def find_tasks(paths: Sequence[str]) -> list[Task]:
    """The cases behind files, folders (searched to the bottom, hidden ones left out) and patterns (`**` crosses folders), in that order.

    Raises BatchError for every path that stands for no case.
    """
    return behind_each(paths, _behind, "Name a case file, or a folder that holds cases.")


def behind_each(paths: Sequence[str], behind: Callable[[str], Iterable[_Found]], remedy: str) -> list[_Found]:
    """What `behind` finds behind each path, in order; raises BatchError for every path where it finds nothing."""
    found = [(path, list(behind(path))) for path in paths]
    missing = [Finding("batch-no-case", Level.ERROR, path, "there is no case here", remedy) for path, cases in found if not cases]
    if missing:
        raise BatchError(missing)
    return [case for _, cases in found for case in cases]


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
        content = text.encode() if text is not None else path.read_bytes()
        data = json.loads(content) if len(content) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return Task(name, path, "", 0, text, columns or {})
    if not isinstance(data, Mapping):
        return Task(name, path, "", len(content), text, columns or {})
    case_id = data.get("case_id")
    weight = len(content) + sum(_size(path.parent / file) for file in dict.fromkeys(evidence_names(data)))
    return Task(name, path, case_id if isinstance(case_id, str) else "", weight, text, columns or {}, _folder(path, data))


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
    if has_magic(path) and not Path(path).exists():
        for each in sorted(glob(path, recursive=True)):  # noqa: PTH207 - Path.glob wants the part before the pattern apart
            yield from _in_folder(each) if Path(each).is_dir() else _if_case(each)
    elif Path(path).is_dir():
        yield from _in_folder(path)
    elif Path(path).exists():
        yield task_of(path, Path(path))


def _in_folder(folder: str) -> Iterator[Task]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".json") and not name.startswith("."):
                yield from _if_case(str(Path(here) / name))


def _if_case(path: str) -> Iterator[Task]:
    if Path(path).name == CASE_FILE or _is_case(Path(path)):
        yield task_of(path, Path(path))


def _is_case(path: Path) -> bool:
    try:
        data = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, Mapping) and "case_id" in data and not _OF_A_CASE.isdisjoint(data)


def _clashes(tasks: Iterable[Task]) -> Iterator[Finding]:
    files: dict[Path, Task] = {}
    ids: dict[str, Task] = {}
    folders: dict[str, Task] = {}
    for task in tasks:
        real = task.path.resolve()
        if not is_text(task.path):
            yield Finding("batch-name", Level.ERROR, task.name, "its path has bytes that are no UTF-8 text", "Rename the file or folder.")
        elif task.text is None and real in files:
            remedy = "Name it once."
            yield Finding("batch-named-twice", Level.ERROR, task.name, f"is the case that {files[real].name} names already", remedy)
        elif task.case_id and task.case_id in ids:
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
