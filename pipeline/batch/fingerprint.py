"""What a packet was made of, so that a later run can tell whether it is still right, and if not, why.

A file is told by its size and time of change, and by its sha256 when one of these differs: the hash decides, and a file
that was merely touched or copied back is unchanged.  Nothing here holds a value of a case but names of files and hashes.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

import pipeline
from pipeline.batch.model import BuildSettings, Outcome, Task
from pipeline.errors import EvidenceError
from pipeline.evidence.names import files_named
from pipeline.evidence.settings import Settings, load_settings, settings_file
from pipeline.evidence.source import locate
from pipeline.law.office import office_folder
from pipeline.resources import shipped
from pipeline.storage import open_regular, sha256_of

_LIBRARIES: Final = ("jinja2", "jsonschema", "pikepdf", "pillow", "pillow-heif", "pypdf", "pypdfium2", "pyyaml", "typst")
_NOT_THE_PACKETS: Final = frozenset({"batch", "cli", "shipped", "__pycache__"})
"""Parts of the package that do not change a packet, or that are counted as templates and schemas."""
_FILES: Final = frozenset({"file", "certificate", "cover", "response"})
"""Entries of a case whose value is the name of a file; `files` holds several."""

Mark = tuple[int, int]
"""Size and time of change of a regular file."""
_GONE: Final[Mark] = (-1, -1)


class Seen(Struct, frozen=True):
    """A file as it was: bytes, time of change in nanoseconds, sha256."""

    size: int
    mtime_ns: int
    sha256: str

    @property
    def mark(self) -> Mark:
        return self.size, self.mtime_ns


class Look(Struct, frozen=True):
    """A task's case and evidence as they are now, without reading the evidence."""

    case: str
    """Sha256 of the case."""
    evidence: Mapping[str, tuple[Path, Mark]]
    """By name in the case: the file, with its size and time of change; -1 and -1 when it is not there."""


class Fingerprint(Struct, frozen=True):
    """What one packet was made of, and the packet itself."""

    case: str
    evidence: Mapping[str, Seen]
    files: Mapping[str, Seen]
    """The published files, by path within the folder."""

    def to_json(self) -> dict[str, Any]:
        """The fingerprint as JSON data."""
        parts = {"evidence": self.evidence, "files": self.files}
        return {"case": self.case} | {part: {name: asdict(seen) for name, seen in files.items()} for part, files in parts.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fingerprint:
        """What `to_json` gave."""
        return cls(data["case"], *({name: Seen(**seen) for name, seen in data[part].items()} for part in ("evidence", "files")))


def house(settings: BuildSettings) -> dict[str, str]:
    """Everything but the case that decides what a packet looks like: a digest by `part: name`, such as `forms: i-131.pdf`.

    Parts are code, libraries, templates, schemas, facts, forms, the office's templates and facts, the evidence settings and the options.
    """
    office = settings.templates
    facts = office_folder()
    found = {f"libraries: {name}": version(name) for name in _LIBRARIES}
    found |= _digests("code", Path(pipeline.__file__).parent, "**/*.py", _NOT_THE_PACKETS.__contains__)
    found |= _digests("facts", Path(pipeline.__file__).parent / "law" / "data", "*.yaml")
    found |= _digests("templates", shipped("templates"), "**/*", "reports".__eq__)
    found |= _digests("schemas", shipped("schemas"), "**/*.json")
    found |= _digests("forms", _forms_folder(settings), "*.pdf")
    found |= _digests("office's templates", office, "**/*", _is_beside) if office else {}
    found |= _digests("office's facts", facts, "*.yaml") if facts else {}
    found |= {f"evidence settings: {settings_file().name}": _digest(settings_file())} if settings_file().is_file() else {}
    return found | {f"options: {name}": _digest_of(repr(value)) for name, value in _options(settings).items()}


def _options(settings: BuildSettings) -> dict[str, object]:
    accepted = sorted(settings.decisions.items())
    flags = {"--draft": settings.draft, "--keep-work": settings.keep_work}
    return {"--as-of": settings.as_of, "--mode": settings.mode, "--accept": accepted, **flags}


def require_usable(settings: BuildSettings) -> None:
    """Raises a PacketError, once and not for each case, when forms, templates, facts or accepted rules cannot be used."""
    from pipeline.evidence.settings import load_settings  # noqa: PLC0415 - a resumed batch needs little of what these load
    from pipeline.forms.store import forms_folder  # noqa: PLC0415
    from pipeline.law.load import load_facts  # noqa: PLC0415
    from pipeline.letters.office import load_office  # noqa: PLC0415
    from pipeline.packet.examine import require_acceptable  # noqa: PLC0415

    load_settings()
    forms_folder(settings.forms)
    load_office(settings.templates)
    if facts := office_folder():
        load_facts(facts)
    if settings.decisions:
        require_acceptable(settings.decisions)


def _forms_folder(settings: BuildSettings) -> Path:
    if settings.forms:
        return settings.forms
    from pipeline.forms.store import default_folder  # noqa: PLC0415 - a folder that is named needs none of what this loads

    return default_folder()


def _digests(part: str, folder: Path, pattern: str, left_out: Callable[[str], bool] = lambda _: False) -> dict[str, str]:
    """The files that a pattern finds, but those with a name on their way below the folder that `left_out` says of."""
    return {
        f"{part}: {path.relative_to(folder).as_posix()}": _digest_or_none(path)
        for path in sorted(folder.glob(pattern))
        if path.is_file() and not any(map(left_out, path.relative_to(folder).parts))
    }


def _is_beside(name: str) -> bool:
    """Whether a file or folder among templates is none that they name, but of a file manager, an editor or Git."""
    return name.startswith(".") or name.endswith("~")


def _digest(path: Path) -> str:
    with open_regular(path) as stream:
        return sha256_of(stream)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def house_change(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What differs first, such as `templates changed: letters/index.typ.j2 and 2 more`; empty when nothing does."""
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if not changed:
        return ""
    part, _, name = changed[0].partition(": ")
    return f"{part} changed: {name}" + (f" and {len(changed) - 1} more" if len(changed) > 1 else "")


def evidence_names(case: object) -> Iterator[str]:
    """Every name of a file in the exhibits, the letters and the stage of a case, whatever the schema says of the rest."""
    if isinstance(case, Mapping):
        yield from _names(case.get("exhibits"))
        yield from _names(case.get("letters"))
        yield from _names(case.get("stage"))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _FILES and isinstance(inner, str):
                yield inner
            elif key == "files" and isinstance(inner, list):
                yield from (name for name in inner if isinstance(name, str))
                yield from _names(inner)
            else:
                yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def look(task: Task) -> Look:
    """The task's case and evidence as they are now; a case or file that cannot be read counts as not there."""
    try:
        text = task.text.encode() if task.text is not None else _content(task.path)
        case = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return Look("", {})
    settings: Settings | None = None
    found: dict[str, tuple[Path, Mark]] = {}
    for name in dict.fromkeys(evidence_names(case)):
        mark = _mark(task.path.parent / name)
        if mark != _GONE:
            found[name] = task.path.parent / name, mark
        else:
            settings = settings or load_settings()
            found |= _looked_for(task.path.parent, name, settings)
    return Look(hashlib.sha256(text).hexdigest(), found)


def _content(path: Path) -> bytes:
    with open_regular(path) as stream:
        return stream.read()


def look_again(known: Fingerprint, folder: Path) -> Look:
    """The same files as they are now, when the case itself is not at hand; `folder` is the case's."""
    return Look(known.case, {name: (folder / name, _mark(folder / name)) for name in known.evidence})


def _mark(path: Path) -> Mark:
    """Size and time of change of a regular file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - this runs for every file of every case
    except (OSError, ValueError):
        return _GONE
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else _GONE


def _looked_for(folder: Path, name: str, settings: Settings) -> dict[str, tuple[Path, Mark]]:
    """The files behind a folder, a pattern, or a name in another Unicode form."""
    try:
        files = files_named(folder, name, settings.limits, settings.allowed_folders).files
        paths = {file: locate(folder, file, settings.allowed_folders) for file in files}
    except EvidenceError:
        return {name: (folder / name, _GONE)}
    return {file: (path, _mark(path)) for file, path in paths.items()}


def fingerprint(before: Look, outcome: Outcome, folder: Path) -> Fingerprint:
    """What a packet was made of: what was looked at before the build, with the hashes that the build read.

    A file that changed in between has the hash that was built and a mark that differs from now on, so that the next run hashes it again.
    """
    evidence = {name: Seen(*mark, outcome.inputs.get(name) or _digest_or_none(path)) for name, (path, mark) in before.evidence.items()}
    late = {name: Seen(*_GONE, sha256) for name, sha256 in outcome.inputs.items() if name not in evidence}
    files = {name: Seen(*_mark(folder / name), sha256) for name, sha256 in outcome.files.items()}
    return Fingerprint(before.case, evidence | late, files)


def changed(now: Look, known: Fingerprint, folder: Path) -> tuple[str, Fingerprint]:
    """Why a packet is no longer right, or an empty text; and the fingerprint with the marks of files that were only touched."""
    if now.case != known.case:
        return "case changed" if now.case else "case gone", known
    if added := sorted(name for name, (_, mark) in now.evidence.items() if name not in known.evidence and mark != _GONE):
        return f"evidence added: {added[0]}", known
    evidence = {name: _as_now(now.evidence.get(name, (folder, _GONE)), seen) for name, seen in known.evidence.items()}
    if why := _first_difference("evidence", known.evidence, evidence):
        return why, known
    files = {name: _as_now((folder / name, _mark(folder / name)), seen) for name, seen in known.files.items()}
    if why := _first_difference("packet", known.files, files):
        return why if folder.is_dir() else "packet gone", known
    return "", replace(known, evidence=evidence, files=files)


def _as_now(found: tuple[Path, Mark], seen: Seen) -> Seen:
    """The file as it is now; hashed only when its mark differs."""
    path, mark = found
    return seen if mark == seen.mark else Seen(*mark, _digest_or_none(path))


def _digest_or_none(path: Path) -> str:
    """The sha256 of a file; empty when it cannot be read."""
    try:
        return _digest(path)
    except OSError:
        return ""


def _first_difference(part: str, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> str:
    """`evidence changed: evidence/letter.pdf`, or `gone`; empty when all are the same."""
    for name, seen in before.items():
        if now[name].sha256 != seen.sha256:
            return f"{part} {'changed' if now[name].sha256 else 'gone'}: {name}"
    return ""
