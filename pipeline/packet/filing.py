"""Where a packet goes and what it costs, from the case when the office gave it, else from the facts of law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.case.model import Role
from pipeline.letters.context import Address, Fee, Filing
from pipeline.packet.examine import Examined

_PAYMENT_FORMS = {"card": "G-1450", "bank": "G-1650"}
_DELIVERY = {"usps": "By U.S. Postal Service", "courier": "By courier"}
_EXEMPT = {
    "armed-forces": "the beneficiary is a current or former member of the U.S. armed forces",
    "sij": "the beneficiary is seeking or has special immigrant juvenile classification",
    "t-nonimmigrant": "the beneficiary is seeking or has T nonimmigrant status",
    "u-nonimmigrant": "the beneficiary is seeking or has U nonimmigrant status",
    "vawa": "the beneficiary is a VAWA self-petitioner or derivative",
    "afghan-iraqi-special-immigrant": "the beneficiary is an Afghan or Iraqi special immigrant",
    "i485-fee-paid-2007-2024": "the pending Form I-485 was filed with its fee between July 30, 2007 and March 31, 2024",
}


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """The filing as letters print it, for whom it is paid, and the ids of the facts it rests on."""

    filing: Filing
    paying: tuple[str, ...]
    """Pointers of the beneficiaries who are not exempt from the fee."""
    facts: tuple[str, ...]


def filing_of(examined: Examined) -> FilingFacts:
    """The address and the fee of a case; what is unknown is None, which the rules have named."""
    given: Mapping[str, Any] = examined.case.data["filing"]
    used: list[str] = []
    mode, carrier = str(given["mode"]), str(given.get("carrier", "usps"))
    paper = mode == "paper"
    exemptions = {b.pointer: _exemption(examined, b, mode, used) for b in examined.case.beneficiaries}
    paying = tuple(pointer for pointer, exemption in exemptions.items() if not exemption)
    address = _address(examined, given, carrier, used)
    fee = _fee(examined, given, len(paying), used) if paying else Fee(0, 0, exemption=_EXEMPT[next(iter(exemptions.values()))])
    filing = Filing(mode, carrier if paper else None, address, _DELIVERY[carrier] if paper else None, fee)
    return FilingFacts(filing, paying, tuple(used))


def _address(examined: Examined, given: Mapping[str, Any], carrier: str, used: list[str]) -> Address | None:
    if "address" in given:
        return Address(tuple(given["address"]["lines"]))
    state = str(examined.case.petitioner.data.get("mailing_address", {}).get("state", ""))
    receipt = str(examined.case.data["request"].get("receipt", ""))
    fact = examined.facts.address(examined.item, carrier, examined.as_of, state=state, receipt=receipt)
    if fact is None or not fact.lines(carrier):
        return None
    used.append(fact.id)
    return Address(fact.lines(carrier))


def _fee(examined: Examined, given: Mapping[str, Any], count: int, used: list[str]) -> Fee | None:
    mode = str(given["mode"])
    if "fee" in given:
        amount = int(given["fee"]["amount"])
    else:
        fact = examined.facts.fee(examined.item, mode, "", examined.as_of)
        if fact is None:
            return None
        used.append(fact.id)
        amount = fact.amount
    payment = given.get("payment", "card")
    return Fee(amount, count, _PAYMENT_FORMS.get(payment) if mode == "paper" else None, payment == "waiver")


def _exemption(examined: Examined, beneficiary: Role, mode: str, used: list[str]) -> str:
    """The exemption that a beneficiary claims and a fact grants for this item; else empty."""
    claimed = str(beneficiary.data.get("fee_exemption") or examined.case.data["filing"].get("fee_exemption") or "")
    fact = examined.facts.fee(examined.item, mode, claimed, examined.as_of) if claimed else None
    if fact is None:
        return ""
    used.append(fact.id)
    return claimed
