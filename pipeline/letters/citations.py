"""Citations in running text, as attorneys write them.

`Ex. B, p. 31`, `Exhibit B (pages 31-33)`, `Exs. B, C, and D`, `Exhibits A/B`, `Exhibit "A"`, `Tabs 2 to 5`, `pages 1-3 of Exhibit B`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_BARE_LABEL = r"(?:[A-Z]{1,2}|\d{1,3})"
_LABEL = rf"(?:{_BARE_LABEL}\b|[\"'“‘]{_BARE_LABEL},?[\"'”’](?!\w))"
_AND = r"(?:(?:and/or|and|or)\s+|&\s*)"
_NEXT_LABEL = rf"(?:\s*(?:,\s*{_AND}?|{_AND}|/\s*|to\s+|through\s+|-\s*|–\s*)|(?<=,[\"'”’])\s*{_AND}?)"
_MANY = rf"{_LABEL}(?:{_NEXT_LABEL}{_LABEL})*"
_ONE = rf"{_LABEL}(?:/[A-Z]{{1,2}}\b)*"
_NEXT = r"\s*(?:,\s*(?:and\s+|&\s*)?|and\s+|&\s*|to\s+|through\s+|-\s*|–\s*)"
_RUN = r"\d{1,4}(?:\s*(?:-|–|—|\bto\b|\bthrough\b)\s*\d{1,4})?"
_RUNS = rf"(?:(?:pp\.|pages)\s*{_RUN}(?:{_NEXT}{_RUN})*|(?:p\.|page|at)\s*{_RUN})"
_PAGES = rf"(?:,?[\"'”’])?\s*[,(]?\s*(?:at\s+)?(?:packet\s+)?(?P<pages>{_RUNS})"
_BEFORE = rf"(?P<packet>(?i:packet)\s+)?(?P<before>(?i:pp?\.|pages?)\s*(?>{_RUN}(?:{_NEXT}{_RUN})*))\s+(?:of|in|from)\s+(?:the\s+)?"
_MENTION = re.compile(
    rf"\b(?:{_BEFORE})?(?:(?i:Exhibits|Exhs?\.|Exs\.|Tabs)\s+(?P<many>{_MANY})|(?i:Exhibit|Exh?\.?|Tab)\s+(?P<one>{_ONE}))(?:{_PAGES})?"
)
_MORE = re.compile(rf"(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+)(?P<one>{_LABEL}){_PAGES}")
_BARE = re.compile(rf"\b(?i:packet)\s+(?P<pages>{_RUNS})")
_THROUGH = re.compile(r"\s*(?:\bto\b|\bthrough\b|-|–)\s*")


class Mention(Struct, frozen=True):
    """One citation, as it stands in a text."""

    text: str
    """What was read, with single spaces; only words of citing, labels and numbers."""
    labels: tuple[tuple[str, str], ...]
    """First and last label of each run of exhibits, without the word `Tab`; none when only packet pages are named."""
    pages: tuple[tuple[int, int], ...] = ()
    """First and last page of each run; none when whole exhibits are cited."""
    within: bool = False
    """The pages may count within the exhibit and not within the packet, as in `page 2 of Exhibit B`."""


def mentions(text: str) -> Iterator[Mention]:
    """The citations of a text, those of bare packet pages (`packet page 31`) last.

    A label is one or two capital letters, or a number.  A list of pages ends where a number is not larger than the one before, which
    then belongs to the sentence.  `page 2 of Exhibit B (p. 31)` is two citations.
    """
    taken: list[tuple[int, int]] = []
    for found in _MENTION.finditer(text):
        labels = found["many"] or found["one"]
        if found["before"]:
            yield _mention(found, labels, found["before"], within=not found["packet"])
        if found["pages"] or not found["before"]:
            yield _mention(found, labels, found["pages"])
        more, end = _MORE.match(text, found.end()), found.end()
        while found["pages"] and more:
            yield _mention(more, more["one"], more["pages"])
            end = more.end()
            more = _MORE.match(text, end)
        taken.append((found.start(), end))
    for found in _BARE.finditer(text):
        if not any(start <= found.start() < end for start, end in taken):
            yield _mention(found, "", found["pages"])


def _mention(found: re.Match[str], labels: str, pages: str | None, *, within: bool = False) -> Mention:
    parts = re.split(r",|/|&|\b(?:and|or)\b", re.sub(r"[\"'“”‘’]", " ", labels))
    runs = tuple((run[0], run[-1]) for run in (_THROUGH.split(part.strip()) for part in parts) if run[0])
    return Mention(" ".join(found[0].split()).lstrip(",; "), runs, tuple(_runs(pages or "")), within)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """First and last page of each run; `131-33` is 131 to 133."""
    highest = 0
    for run in re.findall(_RUN, text):
        low, *rest = re.findall(r"\d+", run)
        high = rest[-1] if rest else low
        if len(high) < len(low):
            high = low[: len(low) - len(high)] + high
        if int(low) <= highest:
            return
        highest = max(int(low), int(high))
        yield int(low), highest
