"""Fee, address, forms and facts of a case: what packet and letters ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.case.load import load
from pipeline.case.model import Case
from pipeline.rules.answers import charge, destination, facts_used, forms_used, parole_fee, work_permit_charge
from tests.rules.case_files import FACTS, FILED, base, patched


def _case(name: str, *steps: tuple[str, Any]) -> Case:
    patch = [{"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value} for path, value in steps]
    return Case(Path("case.json"), patched(base(name).data, patch))


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
    fee = charge(case, case.beneficiaries[0], FACTS, FILED)
    assert (fee.amount, fee.due) == (amount, due)


def test_a_work_permit_is_charged_by_itself_and_never_waived() -> None:
    case = _case("re-parole", ("/filing/payment", "waiver"))
    permit = work_permit_charge(case, case.beneficiaries[0], FACTS, FILED)
    assert permit is not None
    assert permit.due == 280
    none = _case("re-parole-ukraine")
    assert work_permit_charge(none, none.beneficiaries[0], FACTS, FILED) is None


def test_destination_of_the_sample_by_carrier(sample: Path) -> None:
    by_mail = destination(load(sample), FACTS, FILED)
    by_courier = destination(_case("urgent-humanitarian", ("/filing/carrier", "courier")), FACTS, FILED)
    assert by_mail is not None
    assert by_courier is not None
    assert by_mail.lines[-1] == "Dallas, TX 75266-0865"
    assert by_courier.lines[-1] == "Lewisville, TX 75067-8003"


def test_destination_given_by_the_office_goes_first_and_online_has_none() -> None:
    given = destination(base("re-parole"), FACTS, FILED)
    assert given is not None
    assert (given.fact, given.lines[1]) == (None, "1 Example Way")
    unknown = destination(_case("re-parole", ("/filing/address", None)), FACTS, FILED)
    assert unknown is not None
    assert unknown.lines == ()
    assert destination(_case("urgent-humanitarian", ("/filing/mode", "online"), ("/filing/carrier", None)), FACTS, FILED) is None


def test_parole_fee_on_the_day_of_return_and_none_for_the_task_force() -> None:
    fee = parole_fee(base("advance-parole"), FACTS, FILED)
    assert fee is not None
    assert (fee.on.isoformat(), fee.fact.amount) == ("2027-06-21", 1050)
    assert parole_fee(base("parole-in-place-task-force"), FACTS, FILED) is None


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
    assert forms_used(case, FACTS, FILED) == forms


def test_facts_used_are_named_once_and_hold_on_the_day(sample: Path) -> None:
    used = facts_used(load(sample), FACTS, FILED)
    ids = [fact.id for fact in used]
    assert len(ids) == len(set(ids))
    assert {"fee-7-paper", "address-7", "edition-i-131", "parole-fee-fy2027", "poverty-2026-contiguous", "item-7"} <= set(ids)
    assert "fee-7-online" not in ids
    assert all(fact.holds(FILED) for fact in used)
