"""The case as the rest of the house sees it: who is who, and where things stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.case.load import load
from pipeline.case.model import Case
from tests.case.support import SAMPLE, findings, places, sample, written


def _case(data: dict[str, Any]) -> Case:
    return Case(Path("case.json"), data)


def test_the_supporter_of_the_sample_is_the_petitioner() -> None:
    case = load(SAMPLE)
    (supporter,) = case.supporters
    assert supporter.pointers == ("/supporters/0", "/petitioner")
    assert supporter.full_name == case.petitioner.full_name == "Marisolda Ivette Quennevar"
    assert supporter.data["annual_income"] == 91400


def test_a_promise_of_support_is_found_from_the_beneficiary() -> None:
    case = load(SAMPLE)
    (support,) = case.supports_of(case.beneficiaries[1])
    assert support.terms.pointer == "/supporters/0/supports/1"
    assert not support.self_supported


def test_a_beneficiary_may_be_the_petitioner_and_support_themself() -> None:
    data = sample()
    own = {
        "id": "self",
        "same_as": "petitioner",
        "ever_in_proceedings": False,
        "refugee_status": False,
        "qualifies_because": "Asks for herself.",
    }
    data["beneficiaries"] = [own]
    data["supporters"][0]["supports"] = [{"beneficiary": "self", "relationship": "Self"}]
    for same_as, pointers in (
        ("petitioner", ("/supporters/0", "/petitioner")),
        ("self", ("/supporters/0", "/beneficiaries/0", "/petitioner")),
    ):
        data["supporters"][0]["same_as"] = same_as
        assert findings(data) == []
        case = _case(data)
        assert case.supporters[0].pointers == pointers
        assert case.supporters[0].full_name == "Marisolda Ivette Quennevar"
        (support,) = case.supports_of(case.beneficiaries[0])
        assert support.self_supported


def test_a_beneficiary_abroad_may_support_themself() -> None:
    data = sample()
    data["supporters"][0] |= {"same_as": "nerea", "supports": [{"beneficiary": "nerea", "relationship": "Self"}]}
    case = _case(data)
    assert case.supporters[0].pointers == ("/supporters/0", "/beneficiaries/1")
    assert [support.self_supported for support in case.supports_of(case.beneficiaries[1])] == [True]


def test_a_same_as_that_names_nobody_adds_nothing() -> None:
    data = sample()
    data["supporters"][0]["same_as"] = "nobody"
    (supporter,) = _case(data).supporters
    assert supporter.pointers == ("/supporters/0",)


def test_the_preparer_is_the_representative_unless_the_case_names_one() -> None:
    data = sample()
    representative = _case(data).preparer
    assert representative is not None
    assert representative.pointer == "/representative"
    data["preparer"] = {"name": {"family": "Ostrivane", "given": "Leopold"}}
    named = _case(data).preparer
    assert named is not None
    assert named.pointer == "/preparer"
    del data["preparer"], data["representative"]
    assert _case(data).preparer is None
    assert _case(data).representative is None


def test_the_interpreter_of_a_supporter_may_be_the_petitioners() -> None:
    data = sample()
    assert _case(data).interpreter_of(_case(data).petitioner) is None
    data["petitioner"]["interpreter"] = {"name": {"family": "Velanique", "given": "Corisande"}, "language": "Spanish"}
    interpreter = _case(data).interpreter_of(_case(data).supporters[0])
    assert interpreter is not None
    assert interpreter.pointers == ("/supporters/0/interpreter", "/petitioner/interpreter")


def test_every_value_is_found_by_its_pointer() -> None:
    case = load(SAMPLE)
    data = sample()
    for path in places(data):
        value = data
        for token in path:
            value = value[token]  # type: ignore[index]
        assert case.at(written(path)) == value
    assert case.at("") == data


@pytest.mark.parametrize("pointer", ["/nothing", "/beneficiaries/9", "/beneficiaries/x", "/case_id/0", "/petitioner/name/family/0"])
def test_nothing_stands_at_other_pointers(pointer: str) -> None:
    assert load(SAMPLE).at(pointer) is None


def test_a_missing_value_has_the_place_of_its_nearest_parent() -> None:
    case = load(SAMPLE)
    assert case.where("/petitioner/birth/planet/moon").split(" ")[0] == case.where("/petitioner/birth").split(" ")[0]
    assert case.where("") == "case.json:1:1"
