"""Writes the resources and their list: run `python -m tests.resources.make` in the project folder."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Final

from tests.resources.catalogue import Resource
from tests.resources.mails import MAILS
from tests.resources.office import OFFICE
from tests.resources.other_files import OTHERS
from tests.resources.pdf_shapes import SHAPES
from tests.resources.pdf_trouble import TROUBLE
from tests.resources.pictures import PICTURES

FOLDER: Final = Path(__file__).resolve().parent / "files"
README: Final = Path(__file__).resolve().parent / "README.md"

RESOURCES: Final[tuple[Resource, ...]] = tuple(chain(SHAPES, TROUBLE, PICTURES, OTHERS, MAILS, OFFICE))

_HEAD: Final = """# Small inputs for the tests of evidence intake

`python -m tests.resources.make` writes the folder `files` and this list; each file is made by the function of its name in the modules
beside it, and differs from a sound file in one thing. All of it is fictional. "Taken" means that intake makes letter pages of it;
office documents are taken where LibreOffice is installed, and the list says what happens without it.

| File | What is special | What intake does |
|---|---|---|
"""


def _outcome(resource: Resource) -> str:
    if resource.refused:
        return f"refused: `{resource.refused}`"
    noted = ", ".join(f"`{rule}`" for rule in sorted(resource.findings))
    count = f"taken, {resource.pages} page{'s' if resource.pages > 1 else ''}"
    return f"{count}, noted: {noted}" if noted else count


def readme() -> str:
    """The list of resources as Markdown."""
    return _HEAD + "".join(f"| `{each.name}` | {each.why} | {_outcome(each)} |\n" for each in RESOURCES)


def main() -> None:
    """Writes every file and the list."""
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.iterdir():
        stale.unlink()
    for resource in RESOURCES:
        (FOLDER / resource.name).write_bytes(resource.make())
    README.write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
