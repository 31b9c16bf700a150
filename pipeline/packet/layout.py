"""The layout: the plan with packet page numbers.  Nowhere else are page numbers computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pipeline.packet.plan import ExhibitPart, PacketPlan, Section, SectionKind


class Pages(Struct, frozen=True):
    """A run of packet pages, both from 1 and both included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class LaidPart(Struct, frozen=True):
    """One file of an exhibit and its packet pages."""

    part: ExhibitPart
    pages: Pages


class LaidSection(Struct, frozen=True):
    """A section and its packet pages; of an exhibit the first page is its sheet."""

    section: Section
    pages: Pages
    parts: tuple[LaidPart, ...] = ()

    @property
    def evidence(self) -> Pages:
        """The pages of an exhibit without its sheet; of another section all of them."""
        if self.section.exhibit is None:
            return self.pages
        return Pages(self.pages.first + 1, self.pages.last)


class Layout(Struct, frozen=True):
    """Every section with its pages, in packet order, without gaps."""

    sections: tuple[LaidSection, ...]

    @property
    def pages(self) -> int:
        return self.sections[-1].pages.last

    @property
    def exhibits(self) -> tuple[LaidSection, ...]:
        return tuple(s for s in self.sections if s.section.exhibit)

    @property
    def forms(self) -> tuple[LaidSection, ...]:
        return tuple(s for s in self.sections if s.section.form)

    def exhibit(self, exhibit_id: str) -> LaidSection:
        """The exhibit of an id; raises StopIteration when there is none, which the rules exclude."""
        return next(s for s in self.exhibits if s.section.exhibit and s.section.exhibit.exhibit_id == exhibit_id)

    def holds(self, exhibit_id: str) -> bool:
        """Whether an exhibit of that id is in the packet."""
        return any(s.section.exhibit.exhibit_id == exhibit_id for s in self.exhibits if s.section.exhibit)

    def kind(self, kind: SectionKind) -> LaidSection:
        """The first section of a kind."""
        return next(s for s in self.sections if s.section.kind is kind)


def lay_out(plan: PacketPlan, lengths: Sequence[int], parts: Mapping[int, Sequence[int]]) -> Layout:
    """Give every section its pages.

    `lengths` holds the pages of each section, sheets left out; `parts` maps the place of an exhibit's section in the plan
    to the pages of each of its files.
    """
    laid: list[LaidSection] = []
    page = 1
    for number, (section, length) in enumerate(zip(plan.sections, lengths, strict=True)):
        first, files = page, []
        if section.exhibit:
            page += 1
            for part, count in zip(section.exhibit.parts, parts[number], strict=True):
                files.append(LaidPart(part, Pages(page, page + count - 1)))
                page += count
        else:
            page += length
        laid.append(LaidSection(section, Pages(first, page - 1), tuple(files)))
    return Layout(tuple(laid))
