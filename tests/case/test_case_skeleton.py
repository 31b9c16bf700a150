"""Skeletons and smallest cases: as complete as the schema wants, and blank only where the office must speak."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from pipeline.case.load import load
from pipeline.case.schema import schema_findings
from pipeline.case.skeleton import kinds, skeleton, smallest_case
from pipeline.cli.main import main
from pipeline.errors import ExitCode
from tests.case.support import findings

ITEMS = {
    "urgent-humanitarian": ["7"],
    "significant-public-benefit": ["7"],
    "advance-parole": ["4", *(f"5.{letter}" for letter in "ABCDEFGHIJKLM")],
    "military-parole-in-place": ["8.A"],
    "parole-in-place": ["8.B", "8.C", "9"],
    "program-parole": [f"6.{letter}" for letter in "ABCDE"],
    "re-parole": [*(f"10.{letter}" for letter in "ABCDEFGHI"), "11"],
}
_EVERY_ITEM = [(kind, item) for kind, items in ITEMS.items() for item in items]
_ONLY_WITH = {
    "receipt": {"4", "5.A", "5.B", "5.C", "5.E", "5.F", "5.G", "5.I", "5.J", "5.K", "5.L", "6.A"},
    "other_basis": {"5.M"},
    "agency": {"6.C"},
    "task_force_number": {"6.D", "8.B"},
    "program": {"6.E", "8.C", "10.I"},
    "trip": set(ITEMS["advance-parole"]),
    "notify_office": {"7", *ITEMS["program-parole"]},
    "stay": set(chain.from_iterable(ITEMS.values())) - set(ITEMS["advance-parole"]),
}
_MILITARY = {"6.B", "8.A", "10.E", "10.H"}


@cache
def _given(name: str) -> object:
    """What a case that is asked for the property says there."""
    kind, item = next((kind, item) for kind, item in _EVERY_ITEM if item in _ONLY_WITH[name])
    return smallest_case(kind, item)["request"][name]


def test_every_kind_is_here() -> None:
    assert kinds() == tuple(ITEMS)


@pytest.mark.parametrize(("kind", "item"), _EVERY_ITEM)
def test_the_smallest_case_of_every_item_is_valid_and_asks_only_for_what_the_form_asks(kind: str, item: str) -> None:
    case = smallest_case(kind, item)
    assert findings(case) == []
    request = case["request"]
    assert request["item"] == item
    assert {name for name in _ONLY_WITH if name in request} == {name for name, items in _ONLY_WITH.items() if item in items}
    assert ("military_role" in case["beneficiaries"][0]) == (item in _MILITARY)
    assert ("qualifies_because" in case["beneficiaries"][0]) == (kind != "advance-parole")


@pytest.mark.parametrize(("kind", "item"), _EVERY_ITEM)
@pytest.mark.parametrize("name", _ONLY_WITH)
def test_what_another_item_asks_for_is_one_finding(kind: str, item: str, name: str) -> None:
    if item in _ONLY_WITH[name]:
        return
    case = smallest_case(kind, item)
    case["request"][name] = _given(name)
    (finding,) = findings(case)
    assert finding.where == f"case.json /request/{name}"
    assert finding.message == "not allowed here: this kind of filing does not ask for it"


@pytest.mark.parametrize(("kind", "item"), _EVERY_ITEM)
def test_the_sub_box_is_asked_for_with_the_items_that_have_one(kind: str, item: str) -> None:
    case = smallest_case(kind, item)
    guardian = {"military_role": "guardian"}
    case["beneficiaries"][0] |= guardian
    expected = [] if item in {"6.B", "10.E"} else ["case.json /beneficiaries/0/military_role"]
    assert [one.where for one in findings(case)] == expected


def test_a_case_that_goes_with_its_main_form_has_no_receipt_number() -> None:
    case = smallest_case("advance-parole", "5.A")
    del case["request"]["receipt"]
    case["request"]["filed_with"] = "I-485"
    assert findings(case) == []
    case = smallest_case("advance-parole", "5.E")
    case["request"]["filed_with"] = "I-485"
    assert [one.where for one in findings(case)] == ["case.json /request/filed_with"]


@pytest.mark.parametrize("kind", kinds())
def test_a_skeleton_is_wrong_only_where_it_is_blank(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(skeleton(kind), encoding="utf-8")
    case = load(path)
    assert case.kind == kind
    result = schema_findings(case)
    assert result
    for finding in result:
        assert case.at(finding.where.split(" ")[1]) in ("", None), finding.where


@pytest.mark.parametrize("kind", kinds())
def test_a_skeleton_explains_itself_and_is_the_same_every_time(kind: str) -> None:
    text = skeleton(kind)
    assert text == skeleton(kind)
    assert text.endswith("}\n")
    comments = [line for line in text.splitlines() if '"$comment ' in line]
    assert len(comments) > 40
    assert len(set(comments)) == len(comments)
    assert list(json.loads(text))[:4] == ["$schema", "$comment case_id", "case_id", "$comment kind"]


def test_init_names_the_schema_where_an_editor_finds_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "case.json"
    assert CliRunner().invoke(main, ["init", "--kind", "re-parole", str(path)]).exit_code == 0
    there = urlsplit(json.loads(path.read_text(encoding="utf-8"))["$schema"])
    assert there.scheme == "file"
    assert json.loads(Path(unquote(there.path)).read_bytes())["title"]
    again = CliRunner().invoke(main, ["init", "--kind", "re-parole", str(path)])
    assert (again.exit_code, "does not exist yet" in again.output) == (int(ExitCode.OUTPUT), True)


def test_init_explains_the_kinds_and_says_why_a_program_is_none() -> None:
    told = CliRunner().invoke(main, ["init", "--kind", "help"])
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.output.splitlines()] == list(kinds())
    assert "Parole in place for military families, item 8.A." in told.output
    ended = CliRunner().invoke(main, ["init", "--kind", "family-reunification-parole"])
    assert ended.exit_code == 2
    assert "new requests under family reunification parole are not taken: DHS ended it on 12/15/2025" in " ".join(ended.output.split())
    assert "one of: urgent-humanitarian" in CliRunner().invoke(main, ["init", "--kind", "parole"]).output


def test_an_unknown_kind_or_item_is_refused() -> None:
    with pytest.raises(ValueError, match="no filing kind"):
        skeleton("chnv")
    with pytest.raises(ValueError, match="no filing kind"):
        smallest_case("chnv")
    with pytest.raises(ValueError, match="has item"):
        smallest_case("re-parole", "7")
