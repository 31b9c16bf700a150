"""Exhibits, citations and translations."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from itertools import chain

from pipeline.case.exhibits import NamedFile, files_of
from pipeline.rules.context import Exhibit, RuleContext
from pipeline.rules.model import Check, Hit

ASKED_FOR = frozenset(
    {
        "petitioner-identity",
        "petitioner-status",
        "beneficiary-identity",
        "beneficiary-status",
        "supporter-identity",
        "supporter-status",
        "pending-case-receipt",
        "approval-notice",
        "i94",
        "parole-document",
        "fee-exemption",
        "benefit-letter",
    }
)
"""Kinds of evidence that the forms ask for of themselves: no point of the argument has to cite them."""

_LABELS = re.compile(r"\b(?:Exhibits?|Exs?\.)\s+([A-Z]{1,2}\b(?:\s*(?:,|-|–|to|through|and|&|or)\s*[A-Z]{1,2}\b)*)")


def exhibit_id_duplicate(context: RuleContext) -> Iterator[Hit]:
    return _repeated((f"{exhibit.pointer}/id", exhibit.id) for exhibit in context.exhibits)


def exhibit_title_duplicate(context: RuleContext) -> Iterator[Hit]:
    return _repeated((f"{exhibit.pointer}/title", str(exhibit.data["title"]).casefold()) for exhibit in context.exhibits)


def exhibit_file_twice(context: RuleContext) -> Iterator[Hit]:
    """Twice is the same file with the same choice of pages."""
    return _repeated((named.pointer, (named.file, named.pages)) for exhibit in context.exhibits for named in _files(exhibit))


def exhibit_uncited(context: RuleContext) -> Iterator[Hit]:
    """Only where there is an argument at all, which some kinds of filing do not need, and as long as it can be changed."""
    cited = {citation.exhibit for citation in context.citations}
    if not context.to_be_filed or not any(True for _ in context.points()):
        return
    for exhibit in context.exhibits:
        if exhibit.id not in cited and not ASKED_FOR.issuperset(exhibit.evidence):
            yield Hit(exhibit.pointer)


def exhibit_of_unknown_beneficiary(context: RuleContext) -> Iterator[Hit]:
    known = {beneficiary.data.get("id") for beneficiary in context.case.beneficiaries}
    for exhibit in context.exhibits:
        for n, beneficiary in enumerate(exhibit.of):
            if beneficiary not in known:
                yield Hit(f"{exhibit.pointer}/of/{n}")


def exhibit_kind_other_only(context: RuleContext) -> Iterator[Hit]:
    return (Hit(f"{exhibit.pointer}/evidence") for exhibit in context.exhibits if exhibit.evidence == ("other",))


def citation_unknown_exhibit(context: RuleContext) -> Iterator[Hit]:
    known = {exhibit.id for exhibit in context.exhibits}
    return (Hit(citation.pointer) for citation in context.citations if citation.exhibit not in known)


def citation_pages_backwards(context: RuleContext) -> Iterator[Hit]:
    written = ((f"{citation.pointer.removesuffix('/exhibit')}/pages", citation.pages) for citation in context.citations)
    chosen = ((named.pages_pointer, named.pages or "") for exhibit in context.exhibits for named in _files(exhibit))
    for pointer, pages in chain(written, chosen):
        if any(last < first for first, last in page_ranges(pages)):
            yield Hit(pointer)


def citation_repeated(context: RuleContext) -> Iterator[Hit]:
    return _repeated(
        (citation.pointer, (citation.pointer.rsplit("/", 2)[0], citation.exhibit, citation.pages)) for citation in context.citations
    )


def citation_label_unknown(context: RuleContext) -> Iterator[Hit]:
    """Letters only: a case is checked without the office's settings, so that `Tab 3` or `Exhibit 3` in a text passes unseen."""
    known = {label(n) for n in range(len(context.exhibits))}
    for text in context.texts:
        named = {letters for match in _LABELS.finditer(text.text) for letters in re.findall(r"\b[A-Z]{1,2}\b", match.group(1))}
        if not named <= known:
            yield Hit(text.pointer)


def translation_missing(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        if not is_english(str(exhibit.data.get("language", "English"))) and "translation" not in exhibit.data:
            yield Hit(exhibit.pointer)


def translation_certificate_missing(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        if "translation" in exhibit.data and not {"certificate", "translator"} & exhibit.data["translation"].keys():
            yield Hit(f"{exhibit.pointer}/translation")


def translation_of_english(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        if is_english(str(exhibit.data.get("translation", {}).get("language", ""))):
            yield Hit(f"{exhibit.pointer}/translation/language")


def translation_same_file(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        originals = {named.file for named in _files(exhibit)}
        for name in ("file", "certificate"):
            if exhibit.data.get("translation", {}).get(name) in originals:
                yield Hit(f"{exhibit.pointer}/translation/{name}")


def translation_is_certificate(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        translation = exhibit.data.get("translation", {})
        if "certificate" in translation and translation["certificate"] == translation.get("file"):
            yield Hit(f"{exhibit.pointer}/translation/certificate")


def translation_language_differs(context: RuleContext) -> Iterator[Hit]:
    for exhibit in context.exhibits:
        original = exhibit.data.get("language")
        translated = exhibit.data.get("translation", {}).get("language")
        if original and translated and str(original).casefold() != str(translated).casefold():
            yield Hit(f"{exhibit.pointer}/language")


def label(position: int) -> str:
    """The letter of the exhibit at a position from 0: A to Z, then AA, AB and so on."""
    head, last = divmod(position, 26)
    return (label(head - 1) if head else "") + chr(ord("A") + last)


def page_ranges(pages: str) -> list[tuple[int, int]]:
    """First and last page of each part of `1-2, 5`, as written; a part that is no page number is left out."""
    found = (re.fullmatch(r"\s*(\d+)\s*(?:[-–]\s*(\d+))?\s*", part) for part in pages.split(","))
    return [(int(match.group(1)), int(match.group(2) or match.group(1))) for match in found if match]


def is_english(language: str) -> bool:
    """Whether a language's name is English."""
    return language.strip().casefold() in {"english", "en", "inglés", "ingles"}


def _files(exhibit: Exhibit) -> Iterator[NamedFile]:
    return files_of(exhibit.data, exhibit.pointer)


def _repeated(keyed: Iterator[tuple[str, Hashable]]) -> Iterator[Hit]:
    """A hit at every place whose key stood at an earlier place."""
    seen: set[Hashable] = set()
    for pointer, key in keyed:
        if key in seen:
            yield Hit(pointer)
        seen.add(key)


CHECKS: Mapping[str, Check] = {
    "exhibit-id-duplicate": exhibit_id_duplicate,
    "exhibit-title-duplicate": exhibit_title_duplicate,
    "exhibit-file-twice": exhibit_file_twice,
    "exhibit-uncited": exhibit_uncited,
    "exhibit-of-unknown-beneficiary": exhibit_of_unknown_beneficiary,
    "exhibit-kind-other-only": exhibit_kind_other_only,
    "citation-unknown-exhibit": citation_unknown_exhibit,
    "citation-pages-backwards": citation_pages_backwards,
    "citation-repeated": citation_repeated,
    "citation-label-unknown": citation_label_unknown,
    "translation-missing": translation_missing,
    "translation-certificate-missing": translation_certificate_missing,
    "translation-of-english": translation_of_english,
    "translation-same-file": translation_same_file,
    "translation-is-certificate": translation_is_certificate,
    "translation-language-differs": translation_language_differs,
}
