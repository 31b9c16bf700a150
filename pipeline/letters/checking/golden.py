"""Golden texts: what each document said when somebody last read it, one text file a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

from msgspec import Struct

from pipeline.errors import OutputError
from pipeline.findings import Finding, Level

SUFFIX = ".txt"


class Change(Struct, frozen=True):
    """A document that does not say what its golden text says."""

    finding: Finding
    diff: tuple[str, ...]
    """The lines of a unified diff, from the golden text to the document."""


def compare(texts: Mapping[str, str], folder: Path, shown_as: str) -> Iterator[Change]:
    """The documents that differ from their golden text, that have none, and the golden texts of no document.

    `texts` maps `samples/re-parole/cover-letter` to a document's text; `shown_as` is the folder as the user named it.
    """
    kept = {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob(f"*{SUFFIX}"))}
    for name in sorted({*texts, *kept}):
        before = kept[name].read_text(encoding="utf-8") if name in kept else None
        after = texts.get(name)
        if before != after:
            yield _change(f"{shown_as}/{name}{SUFFIX}", before, after)


def _change(where: str, before: str | None, after: str | None) -> Change:
    old, new = (before or "").splitlines(keepends=True), (after or "").splitlines(keepends=True)
    first = next((n for n, (one, other) in enumerate(zip(old, new, strict=False), 1) if one != other), min(len(old), len(new)) + 1)
    message, remedy = (
        "the document does not say what its golden text says",
        "Read the difference; keep it with --update, or mend the template.",
    )
    if before is None:
        message, remedy = "the document has no golden text yet", "Read it, and keep it with --update."
    if after is None:
        message, remedy = "no document has this golden text", "Take it out with --update."
    lines = tuple(line.rstrip("\n") for line in unified_diff(old, new, where, "the document now", n=2))
    return Change(Finding("template-golden", Level.ERROR, f"{where}:{first}", message, remedy), lines)


def update(texts: Mapping[str, str], folder: Path) -> None:
    """Write the golden text of every document, and take out those of none.  Raises OutputError."""
    try:
        for path in folder.rglob(f"*{SUFFIX}"):
            if path.relative_to(folder).with_suffix("").as_posix() not in texts:
                path.unlink()
        for name, text in texts.items():
            path = folder / f"{name}{SUFFIX}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise OutputError.one("template-golden", str(folder), reason, "Name a folder that can be written.") from error
