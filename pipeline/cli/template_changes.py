"""`packet templates diff`: what the templates of two revisions make of the same samples, side by side on one page.

Only templates and their data files are taken from the other revision; the program is the one here.  A document that the other
revision's templates do not have is rendered with those here, and so is no change.
"""

from __future__ import annotations

import base64
import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from pipeline.cli.specimens import Specimen, sample_specimens
from pipeline.errors import EnvironmentMissingError, OutputError, PacketError
from pipeline.letters.documents import OURS, Office, Rendered
from pipeline.letters.prose import read

_FOLDER = "templates/letters"
_SCALE = 1.0
"""Pictures have 72 dots an inch."""
_NEAR = 10
"""Rows of dots between two changes that are outlined as one."""
_MARGIN = 3
_RED = (200, 0, 0)
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Changes of letters</title><style>
body { font: 15px/1.4 sans-serif; margin: 2em; } h2 { margin-top: 2em; } pre { background: #f6f6f6; padding: 1em; overflow-x: auto; }
ins { background: #d6f5d6; text-decoration: none; } del { background: #fbdcdc; text-decoration: none; }
td { vertical-align: top; padding: 4px; } img { border: 1px solid #999; max-width: 46vw; }
</style></head><body>
"""


@dataclass(frozen=True)
class Version:
    """A document as one revision's templates make it."""

    lines: tuple[str, ...] = ()
    pictures: tuple[Image.Image, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Changed:
    """A document that the two revisions make differently."""

    name: str
    """`samples/re-parole/cover-letter`."""
    before: Version
    after: Version

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


def changes(base: str, samples: Path) -> list[Changed]:
    """The documents of all samples that the templates of a git revision make differently from those here.

    Raises EnvironmentMissingError when git or the revision is not there, and PacketError for a sample that breaks the schema.
    """
    with TemporaryDirectory() as folder:
        office = Office(templates=(_checked_out(base, Path(folder)),))
        return [change for specimen in sample_specimens(samples) for change in _of(specimen, office)]


def _checked_out(base: str, folder: Path) -> Path:
    """The templates of a revision, in a folder of their own."""
    try:
        archive = subprocess.run(["git", "archive", base, "--", _FOLDER], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        message, remedy = f"git has no {_FOLDER} at this revision", "Run it in a clone of this project, and name a branch, tag or commit."
        raise EnvironmentMissingError.one("template-base", base, message, remedy) from None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder / _FOLDER


def _of(specimen: Specimen, office: Office) -> Iterator[Changed]:
    before, after = _rendered(specimen, office), _rendered(specimen, OURS)
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old and new and old.pdf == new.pdf:
            continue
        change = Changed(f"{specimen.name}/{name}", _version(old), _version(new))
        if change.before != change.after:
            yield change


def _rendered(specimen: Specimen, office: Office) -> Mapping[str, Rendered]:
    """The documents of a case; one that cannot be rendered is left out, as if it were not there."""
    made: dict[str, Rendered] = {}
    for maker in specimen.makers:
        try:
            made |= maker(specimen.context, office)
        except PacketError:
            continue
    return made


def _version(document: Rendered | None) -> Version:
    if document is None:
        return Version()
    pdf = pypdfium2.PdfDocument(document.pdf)
    pictures = tuple(page.render(scale=_SCALE).to_pil().convert("RGB") for page in pdf)
    pdf.close()
    return Version(tuple(read(document, OURS.style).text.splitlines(keepends=True)), pictures)


def write(found: Sequence[Changed], base: str, folder: Path) -> None:
    """Write `index.html` and `summary.md` into a folder.  Raises OutputError."""
    title = f"<h1>Letters, compared with {escape(base)}</h1>\n"
    body = "".join(_section(change) for change in found) or "<p>No document changes.</p>\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(f"{_HEAD}{title}{body}</body></html>\n", encoding="utf-8")
        (folder / "summary.md").write_text(_summary(found, base), encoding="utf-8")
    except OSError as error:
        raise OutputError.one("template-changes", str(folder), error.strerror or "cannot be written", "Name another folder.") from error


def _summary(found: Sequence[Changed], base: str) -> str:
    if not found:
        return f"No letter of any sample differs from `{base}`.\n"
    rows = [
        f"| {change.name} | +{change.added} -{change.removed} | {len(change.before.pictures)} to {len(change.after.pictures)} |"
        for change in found
    ]
    head = f"{len(found)} documents of the samples differ from `{base}`.\n\n| document | lines | pages |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _section(change: Changed) -> str:
    lines = "\n".join(_coloured(line) for line in change.diff) or "The text is the same; its look is not."
    rows = []
    for number in range(max(len(change.before.pictures), len(change.after.pictures))):
        old, new = _page(change.before, number), _page(change.after, number)
        cells = "".join(
            f"<td>{_image(picture, other, side, number)}</td>" for picture, other, side in ((old, new, "before"), (new, old, "after"))
        )
        if old is None or new is None or ImageChops.difference(old, new).getbbox():
            rows.append(f"<tr>{cells}</tr>\n")
    return f"<h2>{escape(change.name)}</h2>\n<pre>{lines}</pre>\n<table>{''.join(rows)}</table>\n"


def _coloured(line: str) -> str:
    tag = {"+": "ins", "-": "del"}.get(line[:1])
    return f"<{tag}>{escape(line)}</{tag}>" if tag else escape(line)


def _page(version: Version, number: int) -> Image.Image | None:
    return version.pictures[number] if number < len(version.pictures) else None


def _image(picture: Image.Image | None, other: Image.Image | None, side: str, number: int) -> str:
    if picture is None:
        return "no such page"
    outlined = picture.copy()
    draw = ImageDraw.Draw(outlined)
    for box in _boxes(picture, other) if other else ():
        draw.rectangle(box, outline=_RED, width=2)
    target = io.BytesIO()
    outlined.save(target, "PNG", optimize=True)
    data = base64.b64encode(target.getvalue()).decode()
    return f'<img alt="page {number + 1} {side}" src="data:image/png;base64,{data}">'


def _boxes(one: Image.Image, other: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Bands of a page on which two pictures of it differ."""
    difference = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value > 90 else 0)
    rows = [y for y in range(difference.height) if difference.crop((0, y, difference.width, y + 1)).getbbox()]
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place] - rows[place - 1] > _NEAR:
            top, bottom = rows[start], rows[place - 1]
            box = difference.crop((0, top, difference.width, bottom + 1)).getbbox()
            if box:
                yield box[0] - _MARGIN, top - _MARGIN, box[2] + _MARGIN, bottom + _MARGIN
            start = place
