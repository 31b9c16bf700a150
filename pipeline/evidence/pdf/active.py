"""What a PDF does beside being read: scripts, actions, links, attached files.  Counted here, and left behind when pages are rebuilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from pikepdf import Array, Dictionary, Object, Pdf

from pipeline.evidence.enclosed import Enclosed
from pipeline.evidence.model import Source, plural
from pipeline.evidence.pdf.annotations import annotations_of
from pipeline.evidence.pdf.held import Held, held_files
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, decoded
from pipeline.findings import Finding, Level

_LINKS: Final = frozenset({"/URI", "/GoToR", "/GoToE"})
_SCRIPTS: Final = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"})
_MEDIA: Final = frozenset({"/Movie", "/Sound", "/RichMedia", "/Screen", "/3D"})
_LISTED: Final = 20
"""Attached files that a finding lists."""
_LOOKED_INTO: Final = 10_000_000
"""Bytes of an attached file that is decoded to tell its kind."""
_CHAIN: Final = 20
"""How far a chain of /Next actions is followed; what is further is left behind all the same."""


def _actions(action: object, depth: int = 0) -> Iterator[str]:
    """The kinds of an action and of those that follow it."""
    if not isinstance(action, Dictionary) or depth > _CHAIN:
        return
    yield str(action.get("/S", ""))
    following = action.get("/Next")
    for each in following if isinstance(following, Array) else (following,):
        yield from _actions(each, depth + 1)


def _actions_of(holder: Object, key: str) -> Iterator[str]:
    yield from _actions(holder.get(key))
    triggered = holder.get("/AA")
    if isinstance(triggered, Dictionary):
        for event in triggered.keys():
            yield from _actions(triggered[event])


def _census(pdf: Pdf, chosen: Sequence[int]) -> Counter[str]:
    counts: Counter[str] = Counter(_actions_of(pdf.Root, "/OpenAction"))
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        counts["/JavaScript"] += 1
    for page in (pdf.pages[number - 1] for number in chosen):
        counts.update(_actions_of(page.obj, "/A"))
        for annotation in annotations_of(page.obj):
            kind = str(annotation.get("/Subtype", ""))
            counts.update(_actions_of(annotation, "/A"))
            counts["media"] += kind in _MEDIA
    form = pdf.Root.get("/AcroForm")
    counts["xfa"] = int(isinstance(form, Dictionary) and "/XFA" in form)
    return counts


def active_content(source: Source, pdf: Pdf, chosen: Sequence[int]) -> list[Finding]:
    """A finding for each kind of active content of the document and the chosen pages, with its count; nothing of it reaches the packet."""
    counts = _census(pdf, chosen)
    links = sum(counts[kind] for kind in _LINKS)
    scripts = sum(counts[kind] for kind in _SCRIPTS)
    findings = []
    if links:
        message = f"{plural(links, 'link')} to the outside removed"
        findings.append(source.finding("evidence-links-removed", Level.INFO, message))
    if counts["xfa"]:
        message = "the file's form is there a second time for Adobe Reader (XFA); values that stand only in that copy are not shown"
        findings.append(source.finding("evidence-xfa-removed", Level.INFO, message, "Compare the pages with what Adobe Reader shows."))
    if scripts:
        message = "scripts or actions that start something were removed; the pages stay as they look"
        findings.append(source.finding("evidence-active-content-removed", Level.INFO, message))
    if counts["media"]:
        message = f"{plural(counts['media'], 'film, sound or model', 'films, sounds or models')} cannot be shown on paper"
        findings.append(source.finding("evidence-media", Level.WARNING, message, "File pictures or a transcript as an exhibit of its own."))
    return [*findings, *_attached(source, pdf, chosen)]


def _attached(source: Source, pdf: Pdf, chosen: Sequence[int]) -> Iterator[Finding]:
    """The finding that lists attached files that stay out; raises EvidenceError when the case says that none may.

    A file on a page that the case does not ask for stays out with that page: it is counted, and is no reason to stop or to warn.
    """
    held = () if source.wishes.attachments == "add" else held_files(pdf)
    if not held:
        return
    kinds = [_kind(each) for each in held[:_LISTED]]
    listed = ", ".join(kinds) + (", ..." if len(held) > _LISTED else "")
    remedy = 'Set "attachments": "add" in the exhibit to add them as pages, or save what is evidence from the file and name it in the case.'
    here = {0, *chosen}
    elsewhere = sum(each.page not in here for each in held)
    if source.wishes.attachments == "refuse" and elsewhere < len(held):
        raise source.refusal("evidence-attachments", f"{plural(len(held), 'file')} attached to the file ({listed})", remedy)
    level = Level.INFO if source.wishes.attachments == "drop" or elsewhere == len(held) else Level.WARNING
    message = f"{plural(len(held), 'attached file')} left out of the packet ({listed})"
    some = "" if elsewhere == len(held) else f"{elsewhere} of them "
    where = f"; {some}on pages that the range leaves out" if elsewhere else ""
    yield source.finding("evidence-attachments", level, message + where, remedy)


def _kind(held: Held) -> str:
    """What an attached file is by its content; its name is the client's and stays out of findings."""
    try:
        data = decoded(held.stream, _LOOKED_INTO)
    except StreamDamagedError:
        return "a damaged file"
    except StreamTooLargeError:
        return "a large file"
    return Enclosed("", held.stream.read_raw_bytes() if data is None else data).kind
