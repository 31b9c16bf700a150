"""Render the pictures of the README from a built packet: python tools/pictures.py out/quennevar-medical docs/pictures"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pypdfium2

_SCALE = 0.9


def wanted(manifest: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """File name and packet page of each picture."""
    first = {s["kind"]: s["first_page"] for s in reversed(manifest["sections"])}
    yield "letter", first["letter"]
    yield "index", first["index"]
    yield "form", next(f for f in manifest["forms"] if f["form"] == "I-131")["first_page"] + 4
    yield "exhibit", next(s for s in manifest["sections"] if "Birth certificate" in s["title"])["first_page"] + 1


def main(folder: Path, target: Path) -> None:
    """Write one PNG for each picture."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    document = pypdfium2.PdfDocument(folder / "packet.pdf")
    for name, page in wanted(manifest):
        picture = document[page - 1].render(scale=_SCALE, grayscale=True).to_pil().quantize(16)
        picture.save(target / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
