"""What the mail room needs to know of a packet, drawn from its manifest when it was built and kept with its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.sealed import Sealed


class Signer(Sealed, frozen=True):
    """Somebody who signs in ink, and how often."""

    name: str
    times: int


class Parcel(Sealed, frozen=True):
    """How a packet leaves the office."""

    beneficiaries: tuple[str, ...]
    mode: str
    """paper or online."""
    carrier: str | None
    address: tuple[str, ...]
    """Where it is sent, line by line; empty when it is filed online or the address is not known."""
    fee: str
    """What is paid, in words."""
    payment_form: str | None
    """G-1450 or G-1650; None when nothing is paid by form."""
    payment_pages: tuple[str, ...]
    """Paths within the packet's folder."""
    signers: tuple[Signer, ...]
    """In the order in which their first signature stands in the packet, and last who signs the payment pages."""
    reasons: tuple[str, ...]
    """Why the packet is a draft; empty when it is ready."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Parcel:
        """What a parcel is as JSON data."""
        lists = {name: tuple(data[name]) for name in ("beneficiaries", "address", "payment_pages", "reasons")}
        return cls(**{**data, **lists, "signers": tuple(Signer(**signer) for signer in data["signers"])})


def parcel_of(manifest: Mapping[str, Any]) -> Parcel:
    """The parcel that a manifest describes."""
    filing = manifest["filing"]
    times = Counter(one["name"] for one in manifest["signatures"])
    return Parcel(
        tuple(filing["beneficiaries"]),
        filing["mode"],
        filing["carrier"],
        tuple(filing["address"] or ()),
        _fee(filing["fee"], filing["work_permit_fee"]),
        _payment_form(filing),
        tuple(filing["payment_pages"]),
        (*(Signer(name, count) for name, count in times.items()), *_payer(filing)),
        tuple(manifest["reasons"]),
    )


def _payment_form(filing: Mapping[str, Any]) -> str | None:
    """The form that pays; a work permit may cost what the request does not."""
    return next((fee["form"] for fee in (filing["fee"], filing["work_permit_fee"]) if fee and fee["form"]), None)


def _payer(filing: Mapping[str, Any]) -> Iterator[Signer]:
    """Who signs the payment pages; a case does not say who that is, since it is often not the petitioner."""
    if filing["payment_pages"]:
        yield Signer(f"the payer, on {_payment_form(filing) or 'the payment form'}", len(filing["payment_pages"]))


def _fee(request: Mapping[str, Any] | None, permit: Mapping[str, Any] | None) -> str:
    """`$1,260 (2 x $630)`, `waiver asked for`, `none due` or `not known`; the fee of work permits follows."""
    if request is None:
        words = "not known"
    elif request["exemption"] is not None or not request["each"]:
        words = "none due"
    elif request["waiver"]:
        words = "waiver asked for"
    else:
        words = _dollars(request)
    return f"{words}, and work permit {_dollars(permit)}" if permit and permit["each"] else words


def _dollars(fee: Mapping[str, Any]) -> str:
    total = f"${fee['each'] * fee['count']:,}"
    return f"{total} ({fee['count']} x ${fee['each']:,})" if fee["count"] > 1 else total
