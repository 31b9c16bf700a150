"""The pages of exhibits that a case cites, compared with the exhibits as they are in the packet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.case.model import Case
from pipeline.case.pointer import walk
from pipeline.findings import Finding
from pipeline.packet.layout import Layout
from pipeline.rules.check import found
from pipeline.rules.exhibits import page_ranges


def last_pages(case: Case) -> Iterator[tuple[str, str, int]]:
    """For each citation that names pages, in file order: where it stands, the exhibit's id, and the last of the pages."""
    for pointer, value in walk(case.data):
        if isinstance(value, Mapping) and isinstance(value.get("exhibit"), str) and "pages" in value:
            yield f"{pointer}/pages", value["exhibit"], max((max(run) for run in page_ranges(str(value["pages"]))), default=0)


def pages_outside(case: Case, layout: Layout) -> Iterator[Finding]:
    """An error for each citation of a page that its exhibit does not have, in file order.

    Exhibits that a response leaves out of its packet are not looked at.
    """
    for pointer, exhibit, last in last_pages(case):
        if layout.holds(exhibit) and last > (count := layout.exhibit(exhibit).evidence.count):
            pages = f"{count} pages" if count > 1 else "one page"
            yield found("citation-pages-outside", case.where(pointer), {"pages": pages})
