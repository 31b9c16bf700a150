"""The forms folder: official PDFs on this machine, recognised by what they say of themselves."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

from pipeline.errors import FormFileError, OutputError
from pipeline.findings import Finding, Level
from pipeline.forms.compare import Change, compare
from pipeline.forms.editions import Edition, current, editions
from pipeline.forms.inventory import edition_date
from pipeline.forms.reader import FormFile, read_form
from pipeline.storage import open_regular, user_data, write_atomically

PATIENCE = 30.0
"""Seconds in which another process that writes into the forms folder is done."""


class OfficialForm(Struct, frozen=True):
    """A form PDF that may be filled: its edition is the one our map knows, field for field."""

    edition: Edition
    path: Path
    sha256: str
    data: bytes


def default_folder() -> Path:
    """`PACKET_FORMS`, else `forms` in the user's data folder."""
    named = os.environ.get("PACKET_FORMS")
    return Path(named) if named else user_data() / "forms"


def forms_folder(folder: Path | None = None) -> Path:
    """The folder to look for official forms in; the user's own need not be there.

    Raises FormFileError when a folder is named that is not there, since a draft on facsimiles is not what its user meant.
    """
    root = folder or default_folder()
    if not root.is_dir() and (folder or os.environ.get("PACKET_FORMS")):
        message, remedy = "the folder of official forms is not there", "Name the folder that holds them, or make it: `packet forms fetch`."
        raise FormFileError.one("forms-folder", str(root), message, remedy)
    return root


def recognise(data: bytes, shown_as: str) -> Edition:
    """The edition of a form PDF; raises FormFileError when it is unknown, superseded, newer, mixed, changed or a facsimile.

    The hash is only a fast path: the same edition is re-issued in new bytes, so barcodes, footer and inventory decide.
    """
    return _recognise(data, hashlib.sha256(data).hexdigest(), shown_as)


def _recognise(data: bytes, digest: str, shown_as: str) -> Edition:
    for edition in editions():
        if digest in edition.inventory.known_sha256 and edition is current(edition.form):
            return edition
    return _accept(read_form(data, shown_as), shown_as)


def _accept(read: FormFile, shown_as: str) -> Edition:
    if read.facsimile:
        raise FormFileError.one("form-facsimile", shown_as, "a facsimile drawn by this program, not a form", "Download the form itself.")
    if read.form is None or read.edition is None:
        message = "no form name and edition are printed on its pages"
        raise FormFileError.one("form-unknown", shown_as, message, "Check that this is the blank form.")
    edition = current(read.form)
    name = f"Form {read.form}"
    if read.mixed:
        message = f"{name} mixes pages of editions {read.edition} and {', '.join(read.mixed)}"
        raise FormFileError.one("form-mixed", shown_as, message, f"Get all pages from {_source(edition)}.")
    printed, known = edition_date(read.edition), edition.date
    if printed < known:
        message = f"{name} of {read.edition} is superseded; the edition in use is {edition.inventory.edition}"
        raise FormFileError.one("form-superseded", shown_as, message, f"Download it from {_source(edition)}.")
    if printed > known:
        message = f"{name} of {read.edition} is newer than the edition this program knows ({edition.inventory.edition})"
        raise FormFileError.one(
            "form-newer", shown_as, message, "Do not file the older edition: run `packet forms inspect` on it and add a map for it."
        )
    changes = compare(edition.inventory.fields, read.fields)
    if changes:
        raise FormFileError([_changed(change, shown_as, name, read.edition) for change in changes])
    return edition


def _changed(change: Change, shown_as: str, name: str, edition: str) -> Finding:
    return Finding(
        "form-changed",
        Level.ERROR,
        shown_as,
        f"{name} {edition} differs from its inventory: {change}",
        "The field map may no longer fit: run `packet forms inspect` on the file and mend the map.",
    )


def _source(edition: Edition) -> str:
    return edition.inventory.source_url or "its publisher"


def find_official(form: str, folder: Path | None = None) -> tuple[OfficialForm | None, tuple[Finding, ...]]:
    """The official file of a form's current edition in the forms folder, and what is wrong with files of that form's name or kind.

    A file may have any name; one with the form's own is read first, as `add` names it, so that the others need not be.
    None when there is no acceptable file: the caller draws a facsimile, and the findings say why.  Raises FormFileError as
    `forms_folder` does.
    """
    root = forms_folder(folder)
    wanted = current(form)
    refused: list[Finding] = []
    for path in sorted(root.glob("*.pdf"), key=lambda file: (file.stem.lower() != form.lower(), file)) if root.is_dir() else ():
        try:
            data = _read(path)
            digest = hashlib.sha256(data).hexdigest()
            edition = _recognise(data, digest, path.name)
        except OSError as error:
            message = f"{error.strerror or 'cannot be read'}, so that it is not known whether it is Form {form}"
            remedy = "Make it a file that can be read, or take it out of the forms folder."
            refused.append(Finding("form-unreadable", Level.ERROR, path.name, message, remedy))
            continue
        except FormFileError as error:
            named = path.stem.lower() == form.lower()
            refused.extend(f for f in error.findings if named or f"Form {form} " in f.message)
            continue
        if edition is wanted:
            return OfficialForm(edition, path, digest, data), ()
    return None, tuple(refused)


def _read(path: Path) -> bytes:
    """The bytes of a file; raises OSError for what is none, also for a pipe, on which reading would wait."""
    with open_regular(path) as file:
        return file.read()


def add(path: Path, folder: Path | None = None) -> OfficialForm:
    """Check a form PDF and copy it into the forms folder as `<form>.pdf`.

    Raises FormFileError, and leaves the folder alone, when the file is not acceptable, and OutputError as `keep` does.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormFileError.one("form-unreadable", str(path), error.strerror or "cannot be read", "Name an existing PDF file.") from error
    return keep(recognise(data, path.name), data, folder)


def keep(edition: Edition, data: bytes, folder: Path | None, patience: float = PATIENCE) -> OfficialForm:
    """Write a file that was recognised into the forms folder, after at most some seconds in which another process writes there.

    Raises OutputError when it cannot be written; the folder then holds what it held before.
    """
    root = folder or default_folder()
    target = root / f"{edition.form.lower()}.pdf"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock", timeout=patience):
            write_atomically(target, data)
    except (OSError, Timeout) as error:
        message = getattr(error, "strerror", None) or "another process holds the folder"
        raise OutputError.one("output", str(target), message, "Try again, or set PACKET_FORMS to another folder.") from error
    return OfficialForm(edition, target, hashlib.sha256(data).hexdigest(), data)
