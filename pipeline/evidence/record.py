"""What is known of a converted file as JSON: between the process that converts and this one, and in the cache.

Findings stand in it without the file's name, since the same bytes may be filed under another name next time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from pipeline.evidence.model import Bookmark, Conversion, Kept, PageFinding
from pipeline.findings import Finding, Level

JsonObject = Mapping[str, Any]

NAMELESS: Final = ""
"""What stands for the file's name while it is converted."""

MADE: Final = "made"
REFUSED: Final = "refused"
NO_MEMORY: Final = "no-memory"
NOT_WRITTEN: Final = "not-written"
FAULT: Final = "fault"
"""The one key of a worker's answer: how the job ended."""


class Made(Struct, frozen=True):
    """A conversion on disk, before it is called by a name."""

    record: JsonObject
    """`record_of` the conversion."""
    file: Path

    def kept(self, key: str, shown_as: str) -> Kept:
        """The conversion under the name that the case gives; raises KeyError, TypeError and ValueError for a record of another shape."""
        record = self.record
        return Kept(
            kind=str(record["kind"]),
            pages_in=int(record["pages_in"]),
            chosen=tuple(int(page) for page in record["chosen"]),
            sha256=str(record["sha256"]),
            bookmarks=_bookmarks(record["bookmarks"]),
            findings=tuple(named(each, shown_as) for each in findings_from(record["findings"])),
            key=key,
            file=self.file,
        )


def record_of(conversion: Conversion) -> JsonObject:
    """A conversion made under the name NAMELESS as JSON data."""
    return {
        "kind": conversion.kind,
        "pages_in": conversion.pages_in,
        "chosen": list(conversion.chosen),
        "sha256": conversion.sha256,
        "bookmarks": [_bookmark(each) for each in conversion.bookmarks],
        "findings": findings_to(conversion.findings),
    }


def findings_to(findings: Sequence[Finding]) -> list[JsonObject]:
    """Findings as JSON data."""
    return [
        {
            "rule": each.rule,
            "level": str(each.level),
            "where": each.where,
            "message": each.message,
            "remedy": each.remedy,
            **({"pages": list(each.pages)} if isinstance(each, PageFinding) else {}),
        }
        for each in findings
    ]


def findings_from(data: Sequence[JsonObject]) -> list[Finding]:
    """Findings from JSON data."""
    found: list[Finding] = []
    for each in data:
        rule, where, message, remedy = (str(each[key]) for key in ("rule", "where", "message", "remedy"))
        level = Level(each["level"])
        if "pages" in each:
            found.append(PageFinding(rule, level, where, message, remedy, pages=tuple(int(page) for page in each["pages"])))
        else:
            found.append(Finding(rule, level, where, message, remedy))
    return found


def named(finding: Finding, shown_as: str) -> Finding:
    """A finding of a nameless file under the name that the case gives it; places within the file stay behind the name."""
    return replace(finding, where=shown_as + finding.where)


def _bookmark(bookmark: Bookmark) -> JsonObject:
    return {"title": bookmark.title, "page": bookmark.page, "children": [_bookmark(child) for child in bookmark.children]}


def _bookmarks(data: Sequence[JsonObject]) -> tuple[Bookmark, ...]:
    return tuple(Bookmark(str(each["title"]), int(each["page"]), _bookmarks(each["children"])) for each in data)
