"""The files that an exhibit of a case names: `file`, or the entries of `files`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct


class NamedFile(Struct, frozen=True):
    """One file, folder or pattern, with the pages that are wanted of it."""

    file: str
    """As the case names it, relative to the case folder."""
    pages: str | None
    """Which pages, as the case gives them; None means all."""
    pointer: str
    """Where the name stands in the case."""

    @property
    def pages_pointer(self) -> str:
        """Where `pages` of this file stands, or would stand."""
        return f"{self.pointer.rpartition('/')[0]}/pages"


def files_of(exhibit: Mapping[str, Any], pointer: str) -> Iterator[NamedFile]:
    """The files of a schema-valid exhibit that stands at `pointer`, in order; not those of its translation."""
    if "file" in exhibit:
        yield NamedFile(exhibit["file"], exhibit.get("pages"), f"{pointer}/file")
    for number, entry in enumerate(exhibit.get("files", ())):
        place = f"{pointer}/files/{number}"
        if isinstance(entry, str):
            yield NamedFile(entry, None, place)
        else:
            yield NamedFile(entry["file"], entry.get("pages"), f"{place}/file")
