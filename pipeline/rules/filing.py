"""Where and how the packet is filed, and the age of the facts it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.law.model import EditionFact, Fact, NoticeFact, ParoleFeeException, ParoleFeeFact
from pipeline.rules.answers import carrier_of, countries_of, destination, facts_used, forms_used, published_address
from pipeline.rules.context import RuleContext, day_at, is_post_office_box
from pipeline.rules.model import Check, Hit

_PASSED_AROUND = ("pobox21281", "pobox660867", "pobox805625", "1820eskyharbor")
"""Parts of addresses in circulation that no USCIS page was found to give for the items that have no known address."""


def address_unknown(context: RuleContext) -> Iterator[Hit]:
    sent_to = destination(context)
    if sent_to and not sent_to.lines and "filed_with" not in context.request:
        yield Hit("/filing/address")


def address_of_other_form(context: RuleContext) -> Iterator[Hit]:
    sent_to = destination(context)
    if sent_to and not sent_to.lines and "filed_with" in context.request:
        yield Hit("/filing/address")


def address_differs(context: RuleContext) -> Iterator[Hit]:
    given = context.filing.get("address")
    known = published_address(context)
    if given and known and _squeezed(given["lines"]) != _squeezed(known.lines(carrier_of(context))):
        yield Hit("/filing/address/lines", source=known.cited)


def address_unproven(context: RuleContext) -> Iterator[Hit]:
    given = context.filing.get("address")
    if given and not published_address(context) and any(part in _squeezed(given["lines"]) for part in _PASSED_AROUND):
        yield Hit("/filing/address/lines")


def address_box_by_courier(context: RuleContext) -> Iterator[Hit]:
    given = context.filing.get("address")
    if given and carrier_of(context) == "courier" and any(map(is_post_office_box, given["lines"])):
        yield Hit("/filing/address/lines")


def address_read_long_ago(context: RuleContext) -> Iterator[Hit]:
    read = day_at(context.filing, "address", "read_on")
    days = context.facts.ages["addresses"]
    if read and (context.as_of - read).days > days:
        yield Hit("/filing/address/read_on", {"days": str(days)})


def online_not_possible(context: RuleContext) -> Iterator[Hit]:
    return _online(context, "no")


def online_only_ioe(context: RuleContext) -> Iterator[Hit]:
    if not str(context.request.get("receipt", "")).startswith("IOE"):
        yield from _online(context, "ioe-receipt")


def online_unknown(context: RuleContext) -> Iterator[Hit]:
    return _online(context, "unknown")


def online_wrong_type(context: RuleContext) -> Iterator[Hit]:
    if context.mode == "online":
        yield Hit("/filing/mode")


def photos_needed(context: RuleContext) -> Iterator[Hit]:
    return _photos(context, "yes")


def photos_unknown(context: RuleContext) -> Iterator[Hit]:
    return _photos(context, "unknown")


def signed_by_hand(context: RuleContext) -> Iterator[Hit]:
    if context.mode == "paper":
        yield Hit("/petitioner")


def signed_by_hand_online(context: RuleContext) -> Iterator[Hit]:
    if context.mode == "online" and context.case.representative:
        yield Hit("/petitioner")


def edition_watch(context: RuleContext) -> Iterator[Hit]:
    for form in forms_used(context):
        edition = context.facts.edition(form, context.as_of)
        if edition and edition.watch:
            yield Hit(place=edition.where, words={"form": form, "watch": edition.watch}, source=edition.cited)


def edition_unknown(context: RuleContext) -> Iterator[Hit]:
    for form in forms_used(context):
        if not any(fact.form == form for fact in context.facts.of(EditionFact, context.as_of)):
            yield Hit("/filing", {"form": form})


def _facts_at_work(context: RuleContext) -> Iterator[Fact]:
    """The facts that still decide something: once a request is filed, its edition, address and fee are what they were."""
    lasting = (ParoleFeeFact, ParoleFeeException, NoticeFact)
    return (fact for fact in facts_used(context) if context.to_be_filed or isinstance(fact, lasting))


def fact_stale(context: RuleContext) -> Iterator[Hit]:
    for fact in _facts_at_work(context):
        age = context.facts.age(fact, context.as_of)
        if age.stale and not age.too_old:
            yield Hit(place=fact.where, words={"days": str(age.greatest)}, source=fact.cited)


def fact_too_old(context: RuleContext) -> Iterator[Hit]:
    for fact in _facts_at_work(context):
        age = context.facts.age(fact, context.as_of)
        if age.too_old:
            yield Hit(place=fact.where, words={"days": str(age.greatest)}, source=fact.cited)


def country_notice(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        for notice in context.facts.notices(countries_of(beneficiary), context.as_of):
            yield Hit(context.place(beneficiary, "citizenship"), {"text": notice.text}, source=notice.cited)


def country_notice_elsewhere(context: RuleContext) -> Iterator[Hit]:
    """A notice names not every country that it is about, and this person's is none of the named."""
    for notice in context.facts.of(NoticeFact, context.as_of):
        named = {country.casefold() for country in notice.countries}
        for beneficiary in context.case.beneficiaries if notice.countries_in_all > len(named) else ():
            if named.isdisjoint(map(str.casefold, countries_of(beneficiary))):
                words = {"in_all": str(notice.countries_in_all), "named": str(len(named)), "text": notice.text}
                yield Hit(context.place(beneficiary, "citizenship"), words, source=notice.cited)
                break


def _squeezed(lines: object) -> str:
    return "".join(filter(str.isalnum, "".join(map(str, lines)) if isinstance(lines, (list, tuple)) else "")).casefold()


def _online(context: RuleContext, answer: str) -> Iterator[Hit]:
    if context.mode == "online" and context.item_fact and context.item_fact.online == answer:
        yield Hit("/filing/mode", source=context.item_fact.cited)


def _photos(context: RuleContext, answer: str) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.mode == "paper" and context.item_fact and context.item_fact.photos == answer:
            yield Hit(beneficiary.pointer)


CHECKS: Mapping[str, Check] = {
    "address-unknown": address_unknown,
    "address-of-other-form": address_of_other_form,
    "address-differs": address_differs,
    "address-unproven": address_unproven,
    "address-box-by-courier": address_box_by_courier,
    "address-read-long-ago": address_read_long_ago,
    "online-not-possible": online_not_possible,
    "online-only-ioe": online_only_ioe,
    "online-unknown": online_unknown,
    "online-wrong-type": online_wrong_type,
    "photos-needed": photos_needed,
    "photos-unknown": photos_unknown,
    "signed-by-hand": signed_by_hand,
    "signed-by-hand-online": signed_by_hand_online,
    "edition-watch": edition_watch,
    "edition-unknown": edition_unknown,
    "fact-stale": fact_stale,
    "fact-too-old": fact_too_old,
    "country-notice": country_notice,
    "country-notice-elsewhere": country_notice_elsewhere,
}
