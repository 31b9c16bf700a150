"""What a case names as one exhibit's file: the file itself, every file of a folder, or every file that a pattern fits."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import plural
from pipeline.evidence.source import locate
from pipeline.findings import Finding, Level
from pipeline.storage import is_text

_WILD: Final = re.compile(r"[*?]")
_OF_THE_SYSTEM: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx"})
"""Files that Windows and macOS put into folders of their own accord."""
_BUILT: Final = frozenset({"packet.pdf", "manifest.json"})
"""Files that a folder with a built packet holds."""


class Named(Struct, frozen=True):
    """The files behind one name of a case, in natural order."""

    files: tuple[str, ...]
    """Named as in the case: relative to the case folder, or absolute in an allowed folder."""
    findings: tuple[Finding, ...] = ()


def files_named(case_folder: Path, name: str, limits: Limits, allowed: Sequence[Path] = ()) -> Named:
    """The files that a case means by `name`.

    A folder stands for all files in it and in its folders.  `*` and `?` in any part of a name that is not itself there make a pattern;
    `*` never crosses a slash.  Hidden files and those of the operating system stay out, with a finding.  The order is natural: `page 2`
    before `page 10`.  Raises EvidenceError as `resolve_source` does, and for a folder without files, a pattern that fits nothing, more
    files or deeper folders than `limits` allow, or a folder in which a packet was built.  Of a file that is there nothing more is asked
    here: whether a case may name it is for `resolve_source` to say.
    """
    if os.path.isfile(case_folder / name):  # noqa: PTH113 - says no where Path.is_file raises: in a folder that may not be searched
        return Named((name,))
    search = _Search(case_folder, name, limits, allowed)
    if search.is_pattern():
        return _checked(list(search.fitting()), name, limits, "the pattern fits no file")
    real = search.located(name)
    if not real.is_dir():
        return Named((name,))
    return _checked(list(search.in_folder(real, name.rstrip("/"), ())), name, limits, "the folder holds no file")


def _checked(found: list[str], name: str, limits: Limits, nothing: str) -> Named:
    if odd := [each for each in found if not is_text(Path(each))]:
        message = f"the name of a file has bytes that are no UTF-8 text: {odd[0].encode('ascii', 'backslashreplace').decode()}"
        raise EvidenceError.one("evidence-path", name, message, "Rename the file.")
    files = sorted((each for each in found if not _is_of_the_system(each)), key=natural_key)
    if not files:
        raise EvidenceError.one("evidence-missing", name, nothing, "Add the files, or correct the name in the case.")
    if len(files) > limits.files:
        message = f"it stands for {len(files)} files; the limit is {limits.files}"
        raise EvidenceError.one("evidence-too-many-files", name, message, "Make several exhibits of it.")
    left_out = len(found) - len(files)
    message = f"{plural(left_out, 'hidden file or file', 'hidden files or files')} of the operating system left out"
    noted = (Finding("evidence-left-out", Level.INFO, name, message),) if left_out else ()
    return Named(tuple(files), noted)


def natural_key(path: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sorts paths as people number files: digits by value, letters without regard to case; the path itself decides between equals."""
    plain = unicodedata.normalize("NFC", path).casefold()
    pieces = (piece for piece in re.split(r"(\d+|/)", plain) if piece)
    return tuple(_rank(piece) for piece in pieces), path


def _rank(piece: str) -> tuple[int, int, str]:
    if piece == "/":
        return 0, 0, ""
    return (1, int(piece), "") if piece.isdecimal() else (2, 0, piece)


def _is_of_the_system(path: str) -> bool:
    name = path.rpartition("/")[2].casefold()
    return name.startswith((".", "~$")) or name in _OF_THE_SYSTEM


class _Search(Struct, frozen=True):
    """Looks for the files behind one name; what is wrong on the way is said of that name."""

    case_folder: Path
    name: str
    limits: Limits
    allowed: Sequence[Path]

    def located(self, part: str) -> Path:
        """A file or folder on the way, which must lie where a case may point."""
        try:
            return locate(self.case_folder, part, self.allowed)
        except EvidenceError as error:
            raise EvidenceError([replace(finding, where=self.name) for finding in error.findings]) from error

    def is_pattern(self) -> bool:
        """Whether the name is a pattern; one that a file or folder really has is none."""
        if not _WILD.search(self.name):
            return False
        try:
            self.located(self.name)
        except EvidenceError as error:
            return error.findings[0].rule == "evidence-missing"
        return False

    def in_folder(self, folder: Path, shown: str, above: tuple[Path, ...]) -> Iterator[str]:
        """Every file below a folder, which is reached through those `above`; a folder of the system stands for what is in it."""
        entries = self._entries(folder)
        if {entry.name for entry in entries} >= _BUILT:
            message = f"the folder {shown} holds a packet that was built, which is no evidence"
            raise EvidenceError.one("evidence-own-output", self.name, message, "Move it away, and name another folder with --out.")
        for entry in entries:
            here = f"{shown}/{entry.name}"
            if not entry.is_dir() or _is_of_the_system(here):
                yield here
                continue
            below = self.located(here) if entry.is_symlink() else entry
            self._check_way(below, here, (*above, folder))
            yield from self.in_folder(below, here, (*above, folder))

    def _check_way(self, folder: Path, shown: str, above: Sequence[Path]) -> None:
        """Raises EvidenceError for a folder that holds one of those it is reached through, and for one that lies too deep."""
        if any(each.is_relative_to(folder) for each in above):
            message = f"the folder {shown} is a link that leads back to a folder it lies in"
            raise EvidenceError.one("evidence-nesting", self.name, message, "Remove the link, or name the files one by one.")
        if len(above) > self.limits.nesting:
            message = "the folder holds folders too deep within each other"
            raise EvidenceError.one("evidence-nesting", self.name, message, "Name the inner folder.")

    def fitting(self) -> Iterator[str]:
        """Every file that fits the pattern, or lies in a folder that does."""
        parts = self.name.split("/")
        plain = next(number for number, part in enumerate(parts) if _WILD.search(part))
        before = "/".join(parts[:plain])
        start = self.located(before or ("/" if self.name.startswith("/") else "."))
        yield from self._fitting_in(start, before, [part for part in parts[plain:] if part])

    def _fitting_in(self, folder: Path, shown: str, parts: Sequence[str]) -> Iterator[str]:
        fits = _expression(parts[0])
        for entry in self._entries(folder):
            if not fits.fullmatch(unicodedata.normalize("NFC", entry.name)):
                continue
            here = f"{shown}/{entry.name}" if shown else entry.name
            below = self.located(here) if entry.is_symlink() else entry
            if len(parts) > 1:
                yield from self._fitting_in(below, here, parts[1:]) if below.is_dir() else ()
            elif below.is_dir():
                yield from self.in_folder(below, here, ())
            else:
                yield here

    def _entries(self, folder: Path) -> list[Path]:
        try:
            return list(folder.iterdir())
        except OSError as error:
            remedy = "Check the folder's permissions and that its disk is there."
            raise EvidenceError.one("evidence-unreadable", self.name, "a folder cannot be read", remedy) from error


def _expression(part: str) -> re.Pattern[str]:
    signs = {"*": ".*", "?": "."}
    return re.compile("".join(signs.get(sign) or re.escape(sign) for sign in unicodedata.normalize("NFC", part)), re.DOTALL)
