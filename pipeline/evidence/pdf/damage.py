"""Damage: what qpdf repaired, and what it could only leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pikepdf import Array, Dictionary, Object, Pdf, Stream

from pipeline.evidence.model import Source, plural
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, decoded
from pipeline.findings import Finding, Level

ASK_AGAIN: Final = "Ask for the file again, or open it in a PDF viewer and print it to a new PDF."


def repaired(source: Source, pdf: Pdf) -> Finding:
    """The finding for a file that qpdf had to repair; raises EvidenceError when something of a page is missing."""
    found = len(pdf.pages)
    stated = max(_counts_in_bytes(source.data), default=0)
    if stated > found:
        message = f"the file is damaged: its page tree has room for more pages than the {found} that could be read"
        raise source.refusal("evidence-damaged", message, ASK_AGAIN)
    if _is_cut_off(source.data):
        raise source.refusal(
            "evidence-damaged", "the file was cut off: its end is missing, and with it things that its pages show", ASK_AGAIN
        )
    torn = [number for number, page in enumerate(pdf.pages, 1) if _is_torn(page.obj, source.limits.stream_bytes)]
    if torn:
        message = f"the file is damaged: parts of {len(torn)} of its {found} pages are missing, first of page {torn[0]}"
        raise source.refusal("evidence-damaged", message, ASK_AGAIN)
    before = f"it counted {plural(stated, 'page')} before" if stated else "it did not count its pages before"
    message = f"the file was damaged and has been repaired: {before}, and {plural(found, 'page')} could be read"
    return source.finding("evidence-damaged-repaired", Level.WARNING, message, "Compare every page with the original.")


_PAGES_NODE: Final = re.compile(rb"/Type\s*/Pages\b")
_COUNT: Final = re.compile(rb"/Count\s+(\d{1,7})\b")


def _counts_in_bytes(data: bytes) -> Iterator[int]:
    """The page counts as the bytes have them: qpdf corrects them while it repairs.  Those in object streams are not seen."""
    for node in _PAGES_NODE.finditer(data):
        start = data.rfind(b"obj", 0, node.start())
        end = data.find(b"endobj", node.end())
        count = _COUNT.search(data, max(start, 0), end if end >= 0 else len(data))
        if count:
            yield int(count[1])


_END_MARK: Final = b"%%EOF"
_DEFINED: Final = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b")
_REFERRED: Final = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+R\b")


def _is_cut_off(data: bytes) -> bool:
    """Whether the end mark is missing and objects are named that are nowhere in the file."""
    if _END_MARK in data:
        return False
    return bool(set(_REFERRED.findall(data)) - set(_DEFINED.findall(data)))


def _is_torn(page: Object, limit: int) -> bool:
    """Whether the page lacks content or a drawing that it names, or a stream that it is drawn with is empty or does not decode."""
    contents = page.get("/Contents")
    parts = list(contents) if isinstance(contents, Array) else [contents]
    if not parts or not all(isinstance(part, Stream) for part in parts):
        return True
    return any(_is_broken(stream, limit) for stream in streams_of(page)) or not _drawn_names(parts, limit) <= _named_drawings(page)


_DRAWS: Final = re.compile(rb"/([^\s/%()<>\[\]{}]+)\s+Do\b")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


def _drawn_names(parts: Sequence[object], limit: int) -> set[str]:
    """The names of the drawings that these content streams, which all decode, show."""
    content = b"\n".join(decoded(part, limit) or b"" for part in parts if isinstance(part, Stream))
    names = (_ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), name) for name in _DRAWS.findall(content))
    return {f"/{name.decode('utf-8', 'replace')}" for name in names}


def _named_drawings(page: Object) -> set[str]:
    resources = page.get("/Resources")
    drawings = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    return {key for key, item in drawings.items() if isinstance(item, Stream)} if isinstance(drawings, Dictionary) else set()


_OUTWARD: Final = frozenset({"/Parent", "/StructParents", "/B", "/P", "/Metadata", "/PieceInfo", "/Thumb", "/Dest", "/A", "/Popup"})


def streams_of(page: Object) -> Iterator[Stream]:
    """Every stream that the page's entries lead to, each once."""
    seen: set[tuple[int, int]] = set()
    stack: list[object] = [page]
    while stack:
        item = stack.pop()
        if not isinstance(item, (Array, Dictionary, Stream)) or item.objgen in seen:
            continue
        if item.is_indirect:
            seen.add(item.objgen)
        if isinstance(item, Array):
            stack.extend(item)
            continue
        if isinstance(item, Stream):
            yield item
        stack.extend(value for key, value in item.items() if key not in _OUTWARD)


def _is_broken(stream: Stream, limit: int) -> bool:
    try:
        return not stream.read_raw_bytes() or decoded(stream, limit) == b""
    except (StreamDamagedError, StreamTooLargeError):
        return True
