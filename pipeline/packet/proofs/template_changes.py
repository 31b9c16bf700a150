"""`packet templates diff`: what the templates of two revisions make of the same samples, at the filing and at each stage after it.

Only templates and their data files are taken from the other revision; the program is the one here.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from PIL import Image

from pipeline.errors import EnvironmentMissingError, PacketError
from pipeline.findings import Finding
from pipeline.letters.catalogue import TEMPLATES, Maker
from pipeline.letters.checking.prose import read
from pipeline.letters.documents import Rendered
from pipeline.letters.office import OURS, Office
from pipeline.packet.proofs.specimens import Specimen, sample_specimens, stage_specimens
from pipeline.pdfium import pdfium_document
from pipeline.resources import shipped
from pipeline.sealed import Sealed

_FOLDER = "templates/letters"
_PARTS = ("parts/", "word/")
"""Folders of files that no document is made of alone."""
_SCALE = 1.0
"""Pictures have 72 dots an inch."""


class Version(Sealed, frozen=True):
    """A document as one revision's templates make it; without lines when they do not make it."""

    lines: tuple[str, ...] = ()
    pictures: tuple[Image.Image, ...] = ()
    failure: str = ""
    """Why it cannot be made; empty when it is made, or when there is no template for it."""

    @property
    def made(self) -> bool:
        return bool(self.lines)


class Changed(Struct, frozen=True):
    """A document that the two revisions make differently."""

    name: str
    """`samples/re-parole/cover-letter`."""
    before: Version
    after: Version

    @property
    def what(self) -> str:
        """`changed`, `new` or `gone`; `fails`, or `failed before`, when it cannot be made, and what is made with it is not compared."""
        if self.after.failure or self.before.failure:
            return "fails" if self.after.failure else "failed before"
        return "changed" if self.before.made and self.after.made else "new" if self.after.made else "gone"

    @property
    def diff(self) -> tuple[str, ...]:
        """The lines of a unified diff of its text."""
        return tuple(line.rstrip("\n") for line in unified_diff(self.before.lines, self.after.lines, "before", "after", n=2))

    @property
    def added(self) -> int:
        """Lines that are new."""
        return sum(line.startswith("+") for line in self.diff[2:])

    @property
    def removed(self) -> int:
        """Lines that are gone."""
        return sum(line.startswith("-") for line in self.diff[2:])


class Comparison(Struct, frozen=True):
    """What differs between two revisions."""

    documents: tuple[Changed, ...]
    templates_gone: tuple[str, ...]
    """Templates of the other revision that are not here; documents that they made are not made any more."""


def compare(base: str, samples: Path) -> Comparison:
    """The documents of all samples that the templates of a git revision make differently from those here.

    A document that the other revision has no template for is new.  Raises EnvironmentMissingError when git or the revision is not
    there, and PacketError for a sample that breaks the schema.
    """
    with TemporaryDirectory() as folder:
        templates = _checked_out(base, Path(folder))
        office = Office(templates=(templates,))
        specimens = [*sample_specimens(samples), *stage_specimens(samples)]
        documents = tuple(change for specimen in specimens for change in _changed(specimen, office))
        names = (path.relative_to(templates).as_posix() for path in sorted(templates.rglob("*.typ.j2")))
        gone = tuple(name for name in names if name not in TEMPLATES and not name.startswith(_PARTS) and not _is_here(name))
    return Comparison(documents, gone)


def _is_here(name: str) -> bool:
    return (shipped("templates") / "letters" / name).is_file()


def _checked_out(base: str, folder: Path) -> Path:
    """The templates of a revision, in a folder of their own."""
    try:
        archive = subprocess.run(["git", "archive", "--format=zip", base, "--", _FOLDER], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        message, remedy = f"git has no {_FOLDER} at this revision", "Run it in a clone of this project, and name a branch, tag or commit."
        raise EnvironmentMissingError.one("template-base", base, message, remedy) from None
    with zipfile.ZipFile(io.BytesIO(archive)) as files:  # never outside the folder; tarfile can be told so only since Python 3.11.4
        files.extractall(folder)
    return folder / _FOLDER


def _changed(specimen: Specimen, office: Office) -> Iterator[Changed]:
    for maker in specimen.makers:
        before, after = _rendered(maker, specimen, office), _rendered(maker, specimen, OURS)
        failed = next((one for one in (after, before) if isinstance(one, Finding)), None)
        if failed:
            yield Changed(f"{specimen.name}/{failed.where.rpartition(':')[0]}", *(_failed(one) for one in (before, after)))
            continue
        assert not isinstance(before, Finding)
        assert not isinstance(after, Finding)
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            if old and new and old.pdf == new.pdf:
                continue
            change = Changed(f"{specimen.name}/{name}", _version(old), _version(new))
            if change.before != change.after:
                yield change


def _rendered(maker: Maker, specimen: Specimen, office: Office) -> Mapping[str, Rendered] | Finding:
    """Some documents of a case, those left out that the office's folder has no template for; or why they cannot be made."""
    try:
        return {name: document for name, document in maker(specimen.context, office).items() if _has(office, document)}
    except PacketError as error:
        return error.findings[0]


def _failed(made: Mapping[str, Rendered] | Finding) -> Version:
    return Version(failure=f"{made.where}  {made.message}") if isinstance(made, Finding) else Version()


def _has(office: Office, document: Rendered) -> bool:
    """Whether a document's template is of the office's folder, when it has one, and not ours for want of it."""
    return not office.templates or any((folder / document.source.name).is_file() for folder in office.templates)


def _version(document: Rendered | None) -> Version:
    if document is None:
        return Version()
    with pdfium_document(document.pdf) as pdf:
        pictures = tuple(page.render(scale=_SCALE).to_pil().convert("RGB") for page in pdf)
    return Version(tuple(read(document.pdf, OURS.style).text.splitlines(keepends=True)), pictures)
