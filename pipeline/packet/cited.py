"""The pages of exhibits that a case cites, compared with the exhibits as they are in the packet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.case.model import Case
from pipeline.case.pointer import walk
from pipeline.findings import Finding
from pipeline.packet.layout import Layout
from pipeline.rules.check import found
from pipeline.rules.exhibits import page_ranges


def pages_outside(case: Case, layout: Layout) -> Iterator[Finding]:
    """An error for each citation of a page that its exhibit does not have, in file order.

    Exhibits that a response leaves out of its packet are not looked at.
    """
    for pointer, value in walk(case.data):
        if not (isinstance(value, Mapping) and isinstance(value.get("exhibit"), str) and layout.holds(value["exhibit"])):
            continue
        count = layout.exhibit(value["exhibit"]).evidence.count
        if any(max(run) > count for run in page_ranges(str(value.get("pages", "")))):
            pages = f"{count} pages" if count > 1 else "one page"
            yield found("citation-pages-outside", case.where(f"{pointer}/pages"), {"pages": pages})
