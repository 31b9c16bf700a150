"""The request and its argument: sections, points, placeholders and the wish to be decided out of turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial

from pipeline.rules.context import RuleContext, is_governmental
from pipeline.rules.model import Check, Hit

_FILLER = re.compile(
    r"\b(?:t\.?b\.?[ad]\.?|tbc|(?-i:TODO|FIXME)|xxx+|lorem ipsum|asdf+|fill (?:me )?in|placeholder)(?!\w)"
    r"|\bto be (?:determined|decided|provided|confirmed)\b"
    r"|\?{3,}|_{4,}|\.{5,}|\[(?:insert|name|date|amount|address|describe)\b|<(?:insert|name|date)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"^\W*(?:please )?(?:see|as|same as) (?:above|below|before|attached|attachment|previous|other form)\b", re.IGNORECASE
)
_LETTERS_OF_A_SENTENCE = 25


def section_empty(context: RuleContext, *, section: str, items: tuple[str, ...]) -> Iterator[Hit]:
    """The section of the argument holds no point, in a request under one of the items (none: every item with an argument)."""
    argued = "argument" in context.request
    if argued and (not items or context.is_item(*items)) and not any(True for _ in context.points(section)):
        yield Hit(f"/request/argument/{section}")


def point_uncited(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for pointer, point in context.points() if not point["exhibits"])


def point_repeated(context: RuleContext) -> Iterator[Hit]:
    seen: set[str] = set()
    for pointer, point in context.points():
        words = " ".join(str(point["text"]).casefold().split())
        if words in seen:
            yield Hit(f"{pointer}/text")
        seen.add(words)


def filler_text(context: RuleContext) -> Iterator[Hit]:
    return (Hit(text.pointer) for text in context.texts if _FILLER.search(text.text))


def see_above(context: RuleContext) -> Iterator[Hit]:
    return (Hit(text.pointer) for text in context.texts if _ELSEWHERE.search(text.text))


def text_in_capitals(context: RuleContext) -> Iterator[Hit]:
    for text in context.texts:
        if text.text.isupper() and sum(map(str.isalpha, text.text)) >= _LETTERS_OF_A_SENTENCE:
            yield Hit(text.pointer)


def purpose_is_a_sentence(context: RuleContext) -> Iterator[Hit]:
    purpose = str(context.request.get("purpose", ""))
    first = purpose.split(" ", maxsplit=1)[0]
    if purpose.endswith(".") or first in {"The", "A", "An", "To", "For", "He", "She", "They", "My", "Our", "I", "Because"}:
        yield Hit("/request/purpose")


def qualifies_same(context: RuleContext) -> Iterator[Hit]:
    seen: set[str] = set()
    for beneficiary in context.case.beneficiaries:
        text = beneficiary.data.get("qualifies_because")
        if text and text in seen:
            yield Hit(f"{beneficiary.pointer}/qualifies_because")
        seen.add(str(text))


def reasons_several(context: RuleContext) -> Iterator[Hit]:
    if context.from_abroad and len(context.reasons) > 1:
        yield Hit("/request/reasons")


def reason_refugee_claim(context: RuleContext) -> Iterator[Hit]:
    if context.from_abroad and "targeted-harm" in context.reasons:
        yield Hit(f"/request/reasons/{context.reasons.index('targeted-harm')}")


def expedite_without_exhibits(context: RuleContext) -> Iterator[Hit]:
    expedite = context.request.get("expedite")
    if expedite and not expedite["exhibits"]:
        yield Hit("/request/expedite/exhibits")


def expedite_on_paper(context: RuleContext) -> Iterator[Hit]:
    if "expedite" in context.request and context.is_item("7") and context.mode == "paper":
        yield Hit("/request/expedite")


def expedite_after_receipt(context: RuleContext) -> Iterator[Hit]:
    if "expedite" in context.request and not (context.is_item("7") and context.mode == "paper"):
        yield Hit("/request/expedite")


def expedite_ground_unnamed(context: RuleContext) -> Iterator[Hit]:
    if "expedite" in context.request and "ground" not in context.request["expedite"] and not context.is_item("7"):
        yield Hit("/request/expedite")


def agency_email_not_government(context: RuleContext) -> Iterator[Hit]:
    agency = context.request.get("agency")
    if agency and not is_governmental(str(agency["email"])):
        yield Hit("/request/agency/email")


CHECKS: Mapping[str, Check] = {
    "argument-need-empty": partial(section_empty, section="need", items=()),
    "argument-no-other-way-empty": partial(section_empty, section="no_other_way", items=("7",)),
    "argument-no-other-way-missing": partial(section_empty, section="no_other_way", items=("10", "11")),
    "argument-support-empty": partial(section_empty, section="support", items=("6", "7")),
    "argument-departure-empty": partial(section_empty, section="departure", items=("6", "7")),
    "argument-discretion-empty": partial(section_empty, section="discretion", items=("6", "7", "8", "9", "10", "11")),
    "argument-security-empty": partial(section_empty, section="security", items=("6", "7")),
    "point-uncited": point_uncited,
    "point-repeated": point_repeated,
    "filler-text": filler_text,
    "see-above": see_above,
    "text-in-capitals": text_in_capitals,
    "purpose-is-a-sentence": purpose_is_a_sentence,
    "qualifies-same": qualifies_same,
    "reasons-several": reasons_several,
    "reason-refugee-claim": reason_refugee_claim,
    "expedite-without-exhibits": expedite_without_exhibits,
    "expedite-on-paper": expedite_on_paper,
    "expedite-after-receipt": expedite_after_receipt,
    "expedite-ground-unnamed": expedite_ground_unnamed,
    "agency-email-not-government": agency_email_not_government,
}
