"""A letter of the office's own, in place of the generated one: its citations compared with the packet that it goes into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Finding
from pipeline.letters.citations import Mention, mentions
from pipeline.packet.exhibits import ReadyPart
from pipeline.packet.layout import LaidSection, Layout, Pages
from pipeline.packet.plan import PacketPlan
from pipeline.pdfium import pdfium_document
from pipeline.rules.check import found
from pipeline.rules.exhibits import ASKED_FOR


def letter_findings(plan: PacketPlan, letter: ReadyPart, layout: Layout) -> Iterator[Finding]:
    """Every citation of the letter that is wrong in this packet, then the exhibits that it never cites.

    A wrong one is an error, named with the letter's page and the right packet pages; an exhibit that the letter leaves out is a
    warning, unless a form asks for it of itself.  Pages without text, such as scans, are a warning: nothing of them can be compared.
    """
    exhibits = _Exhibits(layout)
    cited: set[str] = set()
    pages = [text for file in letter.files for text in _texts(file.kept.file.read_bytes())]
    if unread := [number for number, text in enumerate(pages, 1) if not text.strip()]:
        every = len(unread) == len(pages)
        yield found("letter-unread", letter.part.file, {"pages": f"{'all pages' if every else describe_pages(unread)} of the letter"})
        if every:
            return
    for number, text in enumerate(pages, 1):
        for mention in mentions(text):
            cited |= exhibits.cited(mention)
            if wrong := exhibits.wrong(mention):
                words = {"citation": f'"{mention.text}"', "wrong": wrong[0], "right": wrong[1]}
                yield found("letter-citation", f"{letter.part.file}, page {number}", words)
    for label, laid in exhibits.laid.items():
        exhibit = laid.section.exhibit
        if label not in cited and exhibit and not ASKED_FOR.issuperset(plan.case.at(f"{exhibit.pointer}/evidence") or ()):
            yield found("letter-exhibit-uncited", letter.part.file, {"exhibit": laid.section.title, "pages": _span(laid.pages)})


def _texts(pdf: bytes) -> Iterator[str]:
    """The text of each page, with a hyphen where pdfium reports one at a line's end."""
    with pdfium_document(pdf) as document:
        for page in document:
            yield str(page.get_textpage().get_text_range()).replace("\ufffe", "-").replace("\x02", "-")


def _span(pages: Pages) -> str:
    return f"packet page {pages.first}" if pages.count == 1 else f"packet pages {pages.first} to {pages.last}"


class _Exhibits(Struct, frozen=True):
    """The packet's exhibits as citations name them."""

    layout: Layout

    @property
    def laid(self) -> Mapping[str, LaidSection]:
        """By label without the word `Tab`, in packet order."""
        return {laid.section.exhibit.label.rpartition(" ")[2]: laid for laid in self.layout.exhibits if laid.section.exhibit}

    def cited(self, mention: Mention) -> set[str]:
        """The labels that a citation means; one with a label of no exhibit means none."""
        order = list(self.laid)
        runs = [run for run in mention.labels if run[0] in order and run[1] in order]
        return {label for first, last in runs for label in order[order.index(first) : order.index(last) + 1]}

    def wrong(self, mention: Mention) -> tuple[str, str] | None:
        """What is wrong with a citation, and what is right."""
        unknown = [label for run in mention.labels for label in dict.fromkeys(run) if label not in self.laid]
        if len(mention.labels) > 1 and unknown == ["I"]:  # "see Exhibits B and C, and I ask": a word
            unknown = []
        if unknown:
            titles = [laid.section.title for laid in self.layout.exhibits]
            right = f"The packet has {titles[0]} to {titles[-1]}." if titles else "The packet has no exhibits."
            return "names an exhibit that the packet does not have", right
        cited = [self.laid[label] for label in sorted(self.cited(mention), key=list(self.laid).index)]
        spans = [laid.pages for laid in cited] or [Pages(1, self.layout.pages)]
        own = [Pages(1, laid.evidence.count) for laid in cited] if mention.within else []
        outside = [run for run in mention.pages if not any(span.first <= run[0] and run[1] <= span.last for span in (*spans, *own))]
        if not outside:
            return None
        if not cited:
            return "names a page that the packet does not have", f"The packet has {self.layout.pages} pages."
        titles = [laid.section.title for laid in cited]
        within = [f" (its own page{f's 1 to {pages.last}' if pages.count > 1 else ' 1'})" for pages in own] or [""] * len(cited)
        right = "; ".join(f"{title} is {_span(span)}{more}" for title, span, more in zip(titles, spans, within, strict=True))
        return f"names a page outside {' and '.join(titles)}", f"{right}."
