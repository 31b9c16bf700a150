"""What a PDF does beside being read: scripts, actions, links, attached files.  Counted here, and left behind when pages are rebuilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from pikepdf import Array, Dictionary, Object, Pdf

from pipeline.evidence.model import Source, plural
from pipeline.findings import Finding, Level

_LINKS: Final = frozenset({"/URI", "/GoToR", "/GoToE"})
_SCRIPTS: Final = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"})
_MEDIA: Final = frozenset({"/Movie", "/Sound", "/RichMedia", "/Screen", "/3D"})
_CHAIN: Final = 20
"""How far a chain of /Next actions is followed; what is further is left behind all the same."""


def annotations_of(page: Object) -> Iterator[Object]:
    """The page's annotations that are dictionaries."""
    annotations = page.get("/Annots")
    if isinstance(annotations, Array):
        yield from (each for each in annotations if isinstance(each, Dictionary))


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


def _census(pdf: Pdf) -> Counter[str]:
    counts: Counter[str] = Counter(_actions_of(pdf.Root, "/OpenAction"))
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        counts["/JavaScript"] += 1
    counts["attached"] = len(pdf.attachments)
    for page in pdf.pages:
        counts.update(_actions_of(page.obj, "/A"))
        for annotation in annotations_of(page.obj):
            kind = str(annotation.get("/Subtype", ""))
            counts.update(_actions_of(annotation, "/A"))
            counts["attached"] += kind == "/FileAttachment"
            counts["media"] += kind in _MEDIA
    form = pdf.Root.get("/AcroForm")
    counts["xfa"] = int(isinstance(form, Dictionary) and "/XFA" in form)
    return counts


def active_content(source: Source, pdf: Pdf) -> list[Finding]:
    """A finding for each kind of active content, with its count; nothing of it reaches the packet."""
    counts = _census(pdf)
    links = sum(counts[kind] for kind in _LINKS)
    scripts = sum(counts[kind] for kind in _SCRIPTS)
    findings = []
    if links:
        message = f"{plural(links, 'link')} to the outside removed"
        findings.append(source.finding("evidence-links-removed", Level.INFO, message))
    if scripts or counts["xfa"]:
        message = "scripts or actions that start something were removed; the pages stay as they look"
        findings.append(source.finding("evidence-active-content-removed", Level.INFO, message))
    if counts["media"]:
        message = f"{plural(counts['media'], 'film, sound or model', 'films, sounds or models')} cannot be shown on paper"
        findings.append(source.finding("evidence-media", Level.WARNING, message, "File pictures or a transcript as an exhibit of its own."))
    if counts["attached"]:
        message = f"{plural(counts['attached'], 'attached file')} left out of the packet"
        findings.append(
            source.finding("evidence-attachments", Level.WARNING, message, "Save what is evidence from the file and name it in the case.")
        )
    return findings
