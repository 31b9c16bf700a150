"""From the name in a case file to a file that may be read: inside the case folder, there, and readable."""

from __future__ import annotations

import difflib
import os
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.marks import Marks
from pipeline.evidence.model import Source, Wishes
from pipeline.storage import open_regular, sha256_of


def _entry(folder: Path, part: str) -> Path | None:
    """The entry of `folder` with this name; a name with composed accents also finds the same name with decomposed ones."""
    exact = folder / part
    if os.path.lexists(exact):
        return exact
    wanted = unicodedata.normalize("NFC", part)
    try:
        return next((entry for entry in sorted(folder.iterdir()) if unicodedata.normalize("NFC", entry.name) == wanted), None)
    except OSError:
        return None


def _similar(folder: Path, part: str) -> str:
    try:
        close = difflib.get_close_matches(part, sorted(entry.name for entry in folder.iterdir()), 1)
    except OSError:
        close = []
    return f'Did you mean "{close[0]}"? ' if close else ""


def _start(case_folder: Path, name: str, allowed: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """Where to begin, and the parts of the way from there; refuses names that point outside by their spelling alone."""
    remedy = "Put the file into the case folder and name it relative to the case file, with forward slashes."
    if not name.strip() or "\0" in name:
        raise EvidenceError.one("evidence-path", name.replace("\0", "?"), "this is not a file name", remedy)
    path = PurePosixPath(name)
    if ".." in path.parts or ".." in PureWindowsPath(name).parts:
        raise EvidenceError.one("evidence-path", name, 'the path leaves its folder by ".."', remedy)
    if path.is_absolute():
        base = next((folder for folder in allowed if path.is_relative_to(folder)), None)
        if base is not None:
            return base, path.relative_to(base).parts
    if path.is_absolute() or PureWindowsPath(name).drive or name.startswith("~"):
        raise EvidenceError.one("evidence-path", name, "the file is named by an absolute path", remedy)
    return case_folder, path.parts


def locate(case_folder: Path, name: str, allowed: Sequence[Path] = ()) -> Path:
    """The file or folder that a case names, as a real path inside the case folder or an allowed one; raises as `resolve_source` does."""
    start, parts = _start(case_folder, name, allowed)
    path = base = start.resolve()
    for part in parts:
        found = _entry(path, part)
        if found is None:
            remedy = _similar(path, part) + "Add the file or correct its name in the case."
            raise EvidenceError.one("evidence-missing", name, "the file is not there", remedy)
        path = found
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise EvidenceError.one("evidence-missing", name, "the link leads nowhere", "Put the file itself into the case folder.") from error
    if not (real.is_relative_to(base) or any(real.is_relative_to(folder.resolve()) for folder in (case_folder, *allowed))):
        raise EvidenceError.one("evidence-path", name, "the link leads out of the case folder", "Put the file itself into the case folder.")
    return real


def resolve_source(case_folder: Path, name: str, allowed: Sequence[Path] = ()) -> Path:
    """The file that a case names, as a real path inside the case folder, or inside one of the folders that the office allows.

    `name` is relative to `case_folder` and uses forward slashes; it may be absolute within an allowed folder.  Raises EvidenceError
    when the file is missing, is named by another absolute path, leaves the folders by `..` or through a symbolic link, is not a regular
    file, or cannot be read.
    """
    real = locate(case_folder, name, allowed)
    if not real.is_file():
        what = "a folder" if real.is_dir() else "not a regular file"
        raise EvidenceError.one("evidence-not-a-file", name, f"this is {what}", "Name a file.")
    if not os.access(real, os.R_OK):
        raise _unreadable(name)
    return real


def _unreadable(name: str) -> EvidenceError:
    return EvidenceError.one(
        "evidence-unreadable", name, "the file cannot be read", "Check the file's permissions and that its disk is there."
    )


def _check_size(size: int, shown_as: str, limits: Limits) -> None:
    if not size:
        raise EvidenceError.one(
            "evidence-empty", shown_as, "the file is empty", "Ask for the file again; it was probably not copied to the end."
        )
    if size > limits.file_bytes:
        message = f"the file is larger than {limits.file_bytes:,} bytes"
        raise EvidenceError.one("evidence-too-large", shown_as, message, "Split the file, or save it with smaller pictures.")


def read_source(path: Path, *, shown_as: str, limits: Limits, wishes: Wishes) -> Source:
    """The file's bytes as a Source; raises EvidenceError when it is unreadable, empty, or larger than the limit."""
    try:
        with open_regular(path) as stream:
            data = stream.read(limits.file_bytes + 1)
    except OSError as error:
        raise _unreadable(shown_as) from error
    _check_size(len(data), shown_as, limits)
    return Source(data, shown_as, limits, wishes)


def digest_of(path: Path, *, shown_as: str, limits: Limits, marks: Marks | None = None) -> str:
    """The sha256 of a file in hexadecimal, read piece by piece unless `marks` know it; raises EvidenceError as `read_source` does."""
    try:
        with open_regular(path) as stream:
            before = os.fstat(stream.fileno())
            _check_size(before.st_size, shown_as, limits)
            known = marks.find(before) if marks else None
            if known is not None:
                return known
            began = time.time()
            digest = sha256_of(stream)
            if marks:
                marks.note(before, os.fstat(stream.fileno()), began, digest)
            return digest
    except OSError as error:
        raise _unreadable(shown_as) from error
