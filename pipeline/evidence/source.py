"""From the name in a case file to a file that may be read: inside the case folder, there, and readable."""

from __future__ import annotations

import difflib
import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Source
from pipeline.findings import Finding, Level


def _refusal(rule: str, name: str, message: str, remedy: str) -> EvidenceError:
    return EvidenceError([Finding(rule, Level.ERROR, name, message, remedy)])


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


def _check_spelling(name: str) -> None:
    """Refuses names that point outside the folder by their spelling alone."""
    remedy = "Put the file into the case folder and name it relative to the case file, with forward slashes."
    if not name.strip() or "\0" in name:
        raise _refusal("evidence-path", name.replace("\0", "?"), "this is not a file name", remedy)
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith("~"):
        raise _refusal("evidence-path", name, "the file is named by an absolute path", remedy)
    if ".." in PurePosixPath(name).parts or ".." in PureWindowsPath(name).parts:
        raise _refusal("evidence-path", name, 'the path leaves its folder by ".."', remedy)


def resolve_source(case_folder: Path, name: str) -> Path:
    """The file that a case names, as a real path inside the case folder.

    `name` is relative to `case_folder` and uses forward slashes.  Raises EvidenceError when it is missing, absolute, leaves the
    folder by `..` or through a symbolic link, is not a regular file, or cannot be read.
    """
    _check_spelling(name)
    folder = case_folder.resolve()
    path = folder
    for part in PurePosixPath(name).parts:
        found = _entry(path, part)
        if found is None:
            raise _refusal(
                "evidence-missing", name, "the file is not there", _similar(path, part) + "Add the file or correct its name in the case."
            )
        path = found
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise _refusal("evidence-missing", name, "the link leads nowhere", "Put the file itself into the case folder.") from error
    if not real.is_relative_to(folder):
        raise _refusal("evidence-path", name, "the link leads out of the case folder", "Put the file itself into the case folder.")
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise _refusal("evidence-not-a-file", name, f"this is {what}", "Name a file.")
    if not os.access(real, os.R_OK):
        raise _unreadable(name)
    return real


def _unreadable(name: str) -> EvidenceError:
    return _refusal("evidence-unreadable", name, "the file cannot be read", "Check the file's permissions and that its disk is there.")


def read_source(path: Path, *, shown_as: str, pages: str | None, limits: Limits, password: str | None = None) -> Source:
    """The file's bytes as a Source; raises EvidenceError when it is unreadable, empty, or larger than the limit."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limits.file_bytes + 1)
    except OSError as error:
        raise _unreadable(shown_as) from error
    if not data:
        raise _refusal("evidence-empty", shown_as, "the file is empty", "Ask for the file again; it was probably not copied to the end.")
    if len(data) > limits.file_bytes:
        message = f"the file is larger than {limits.file_bytes:,} bytes"
        raise _refusal("evidence-too-large", shown_as, message, "Split the file, or save it with smaller pictures.")
    return Source(data, shown_as, limits, pages, password)
