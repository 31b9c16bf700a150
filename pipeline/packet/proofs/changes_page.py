"""The page and the summary of `packet templates diff`: text as a coloured difference, pages side by side with what changed outlined."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from pipeline.errors import OutputError
from pipeline.packet.proofs.template_changes import Changed, Comparison, Version

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


def write(found: Comparison, base: str, folder: Path) -> None:
    """Write `index.html` and `summary.md` into a folder.  Raises OutputError."""
    title = f"<h1>Letters, compared with {escape(base)}</h1>\n"
    gone = f"<p>{escape(_gone(found.templates_gone))}</p>\n" if found.templates_gone else ""
    body = gone + "".join(_section(change) for change in found.documents) or "<p>No document changes.</p>\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(f"{_HEAD}{title}{body}</body></html>\n", encoding="utf-8")
        (folder / "summary.md").write_text(_summary(found, base), encoding="utf-8")
    except OSError as error:
        raise OutputError.one("template-changes", str(folder), error.strerror or "cannot be written", "Name another folder.") from error


def _gone(templates: Sequence[str]) -> str:
    return f"Templates that are no longer there: {', '.join(templates)}."


def _summary(found: Comparison, base: str) -> str:
    parts = [f"{_gone(found.templates_gone)}\n"] if found.templates_gone else []
    if found.documents:
        rows = (f"| {change.name} | {change.what} | +{change.added} -{change.removed} | {_pages(change)} |\n" for change in found.documents)
        head = (
            f"{len(found.documents)} documents of the samples differ from `{base}`.\n\n| document | | lines | pages |\n|---|---|---|---|\n"
        )
        parts.append(head + "".join(rows))
    return "\n".join(parts) or f"No letter of any sample differs from `{base}`.\n"


def _pages(change: Changed) -> str:
    return f"{len(change.before.pictures)} to {len(change.after.pictures)}"


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
    note = f"<p>{escape(change.what)}: {escape(change.after.failure or change.before.failure or 'only one of the two has it')}</p>\n"
    return f"<h2>{escape(change.name)}</h2>\n{note if change.what != 'changed' else ''}<pre>{lines}</pre>\n<table>{''.join(rows)}</table>\n"


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
