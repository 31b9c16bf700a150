"""Fee, address, forms and facts of a case: what packet and letters ask for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.case.load import load
from pipeline.case.model import Case
from pipeline.rules.answers import charge, destination, facts_used, forms_used, parole_fee, work_permit_charge
from pipeline.rules.context import RuleContext
from pipeline.rules.filing import address_differs
from tests.rules.case_files import FACTS, FILED, base, patched


def _case(name: str, *steps: tuple[str, Any]) -> Case:
    patch = [{"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value} for path, value in steps]
    return Case(Path("case.json"), patched(base(name).data, patch))


def _context(case: Case) -> RuleContext:
    return RuleContext(case, FILED, FACTS)


@pytest.mark.parametrize(
    ("case", "amount", "due"),
    [
        (_case("urgent-humanitarian"), 630, 630),
        (_case("urgent-humanitarian", ("/filing/mode", "online"), ("/filing/carrier", None)), 580, 580),
        (_case("urgent-humanitarian", ("/filing/payment", "waiver")), 630, 0),
        (_case("urgent-humanitarian", ("/filing/fee_exemption", "vawa")), 0, 0),
        (_case("urgent-humanitarian", ("/beneficiaries/0/fee_exemption", "i485-fee-paid-2007-2024")), None, 0),
        (_case("military-parole-in-place"), 0, 0),
        (_case("re-parole"), 630, 630),
        (_case("re-parole", ("/filing/fee", None)), None, 0),
    ],
)
def test_charge(case: Case, amount: int | None, due: int) -> None:
    fee = charge(_context(case), case.beneficiaries[0])
    assert (fee.amount, fee.due) == (amount, due)


def test_a_work_permit_is_charged_by_itself_and_never_waived() -> None:
    case = _case("re-parole", ("/filing/payment", "waiver"))
    permit = work_permit_charge(_context(case), case.beneficiaries[0])
    assert permit is not None
    assert permit.due == 280
    none = _case("re-parole-ukraine")
    assert work_permit_charge(_context(none), none.beneficiaries[0]) is None


def test_destination_of_the_sample_by_carrier(sample: Path) -> None:
    by_mail = destination(_context(load(sample)))
    by_courier = destination(_context(_case("urgent-humanitarian", ("/filing/carrier", "courier"))))
    assert by_mail is not None
    assert by_courier is not None
    assert by_mail.lines[-1] == "Dallas, TX 75266-0865"
    assert by_courier.lines[-1] == "Lewisville, TX 75067-8003"


def test_destination_given_by_the_office_goes_first_and_online_has_none() -> None:
    given = destination(_context(base("re-parole")))
    assert given is not None
    assert (given.fact, given.lines[1]) == (None, "1 Example Way")
    unknown = destination(_context(_case("re-parole", ("/filing/address", None))))
    assert unknown is not None
    assert unknown.lines == ()
    assert destination(_context(_case("urgent-humanitarian", ("/filing/mode", "online"), ("/filing/carrier", None)))) is None


@pytest.mark.parametrize(
    ("lines", "hits"),
    [
        (["USCIS", "Attn: AOS", "P.O. Box 650288", "Dallas, TX 75265-0288"], 0),
        (["USCIS", "Attn: AOS", "P.O. Box 4109", "Carol Stream, IL"], 1),
    ],
)
def test_an_address_is_compared_with_the_one_for_the_state_that_the_petitioner_lives_in(lines: list[str], hits: int) -> None:
    mail, home = (
        {"street": "1 Example St", "city": "Town", "state": state, "zip": code} for state, code in (("NY", "10001"), ("TX", "75001"))
    )
    given = {"lines": lines, "source": "USCIS", "read_on": "2026-11-01"}
    places = [("/petitioner/mailing_address", mail), ("/petitioner/physical_address", home), ("/filing/address", given)]
    case = _case("advance-parole", ("/request/item", "5.A"), ("/request/receipt", "MSC2690000001"), *places)
    assert len(list(address_differs(_context(case)))) == hits


@pytest.mark.parametrize(("days", "amount"), [(15, 1020), (16, 1050)])
def test_parole_fee_is_that_of_the_day_of_return(days: int, amount: int) -> None:
    case = _case("advance-parole", ("/request/trip/departs_on", "2026-10-01"), ("/request/trip/days", days))
    fee = parole_fee(RuleContext(case, date(2026, 9, 1), FACTS))
    assert fee is not None
    assert fee.amount == amount


def test_the_task_force_pays_no_parole_fee() -> None:
    assert parole_fee(_context(base("parole-in-place-task-force"))) is None


@pytest.mark.parametrize(
    ("case", "forms"),
    [
        (_case("urgent-humanitarian"), ("G-1450", "G-1145", "G-28", "I-131", "I-134")),
        (_case("urgent-humanitarian", ("/filing/payment", "bank"), ("/representative", None)), ("G-1650", "G-1145", "I-131", "I-134")),
        (_case("urgent-humanitarian", ("/filing/mode", "online"), ("/filing/carrier", None)), ("G-28", "I-131", "I-134")),
        (_case("military-parole-in-place"), ("G-1145", "G-28", "I-131")),
        (
            _case("re-parole", ("/filing/payment", "waiver"), ("/filing/permit_payment", "bank"), ("/representative", None)),
            ("G-1650", "I-912", "G-1145", "I-131"),
        ),
    ],
)
def test_forms_used(case: Case, forms: tuple[str, ...]) -> None:
    assert forms_used(_context(case)) == forms


def test_facts_used_are_named_once_and_hold_on_the_day(sample: Path) -> None:
    used = facts_used(_context(load(sample)))
    ids = [fact.id for fact in used]
    assert len(ids) == len(set(ids))
    assert {"fee-7-paper", "address-7", "edition-i-131", "parole-fee-fy2027", "poverty-2026-contiguous", "item-7"} <= set(ids)
    assert "fee-7-online" not in ids
    assert all(fact.holds(FILED) for fact in used)
