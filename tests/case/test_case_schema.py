"""Schema findings: one for each mistake, at its place, in words that help and never give a value away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.case.load import load
from pipeline.case.schema import RULE, read_case, schema_findings
from pipeline.errors import CaseInvalidError, ExitCode
from pipeline.findings import Level
from tests.case.support import SAMPLE, Pointer, at, findings, found, places, sample, written

_EVERY_PLACE = tuple(places(sample()))
_EVERY_NAME = tuple(path for path in _EVERY_PLACE if isinstance(path[-1], str) and path[-1] != "$schema")
_EVERY_DATE = tuple(path for path in _EVERY_PLACE if str(path[-1]).endswith(("_on", "_by", "_birth")) or path[-1] == "expires")
_NAMES = ("name", "same_as", "id", "kind", "item", "country", "state", "file", "files", "$comment", "$ref", "exhibits", "text", "nmae")
_PERSONAL = "Zzqwv 9917755501"
_OTHER_TYPES: tuple[object, ...] = (None, True, 91.775, _PERSONAL, [_PERSONAL], {"a": _PERSONAL})
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
_BAD_DATES = (
    "2026-02-30",
    "2026-13-01",
    "11/24/2026",
    "2026-1-5",
    "24 November 2026",
    "2026-11-24T00:00:00",
    "2026-11-24\n",
    "٢٠٢٦-١١-٢٤",
    "",
)


def _kind(value: object) -> str:
    return {bool: "flag", int: "number", float: "number"}.get(type(value), type(value).__name__)


def _set(data: dict[str, Any], path: Pointer, value: object) -> dict[str, Any]:
    at(data, path[:-1])[path[-1]] = value
    return data


def test_the_sample_is_valid() -> None:
    case = read_case(SAMPLE)
    assert schema_findings(case) == []
    assert case.case_id == "quennevar-medical"


@given(path=st.sampled_from(_EVERY_PLACE), value=st.sampled_from(_OTHER_TYPES))
def test_a_value_of_another_type_is_one_finding_at_its_place(path: Pointer, value: object) -> None:
    data = sample()
    if _kind(at(data, path)) == _kind(value):
        value = 91.775
    (finding,) = findings(_set(data, path, value))
    assert finding.where == f"case.json {written(path)}"
    assert (finding.rule, finding.level) == (RULE, Level.ERROR)
    assert finding.remedy
    for text in (finding.message, finding.remedy):
        assert _PERSONAL not in text
        assert "91.775" not in text


@given(path=st.sampled_from(_EVERY_NAME), place=st.integers(0, 30), doubled=st.booleans())
def test_a_misspelled_property_is_one_finding_that_names_the_right_one(path: Pointer, place: int, doubled: bool) -> None:
    name = str(path[-1])
    place %= len(name)
    wrong = name[:place] + (name[place] * 2 if doubled else "") + name[place + 1 :]
    data = sample()
    holder = at(data, path[:-1])
    if wrong in holder or wrong in {"", "file", "files"}:
        return
    holder[wrong] = holder.pop(name)
    (finding,) = findings(data)
    assert finding.where == f"case.json {written((*path[:-1], wrong))}"
    assert finding.message == f'unknown property "{wrong}"; did you mean "{name}"?'


@pytest.mark.parametrize("path", _EVERY_NAME, ids=written)
def test_a_property_left_out_is_optional_or_one_finding(path: Pointer) -> None:
    data = sample()
    del at(data, path[:-1])[path[-1]]
    result = findings(data)
    if path[-1] == "same_as":
        assert [one.where.rpartition("/")[2] for one in result] == ["name", "date_of_birth", "birth", "status", "mailing_address"]
    elif result:
        (finding,) = result
        assert finding.where == f"case.json {written(path)}"
        assert finding.message.startswith(f'required property "{path[-1]}" is missing; expected ')


def test_what_is_required_is_missed() -> None:
    needed = ["case_id", "kind", "prepared_on", "petitioner", "beneficiaries", "request", "exhibits", "filing"]
    assert [where for where, _ in found({})] == [f"/{name}" for name in needed]


@given(text=st.sampled_from(_BAD_DATES), path=st.sampled_from(_EVERY_DATE))
def test_a_day_that_is_not_in_the_calendar_is_one_finding(text: str, path: Pointer) -> None:
    (finding,) = findings(_set(sample(), path, text))
    assert finding.where == f"case.json {written(path)}"
    assert finding.message.startswith("expected a date such as ")
    assert not text or text not in finding.message + finding.remedy


@pytest.mark.parametrize("text", ["0001-01-01", "1799-12-31", "2200-01-01", "9999-12-31"])
@given(path=st.sampled_from(_EVERY_DATE))
def test_a_year_that_no_paper_of_a_living_person_has_is_named(text: str, path: Pointer) -> None:
    (finding,) = findings(_set(sample(), path, text))
    assert finding.message == "expected a date of the years 1800 to 2199"


@pytest.mark.parametrize("name", ["Ævar Łukaszewicz", "O'Hara-Nuñez", 'He said "yes" <b> {{ 7*7 }} #read("x")', "Дмитрий", "لیلا"])
def test_a_line_may_hold_any_script_and_any_sign(name: str) -> None:
    assert findings(_set(sample(), ("petitioner", "name", "family"), name)) == []


@pytest.mark.parametrize("name", ["", " ", " Quill", "Quill ", "Quill\n", "Qu\nill", "Qu\till", "\x00", "Qu\x85ill", "Qu\u2028ill"])
def test_a_line_has_no_line_break_and_no_space_at_its_ends(name: str) -> None:
    assert [where for where, _ in found(_set(sample(), ("petitioner", "name", "family"), name))] == ["/petitioner/name/family"]


def test_a_text_may_have_line_breaks_but_no_other_control_characters() -> None:
    path = ("beneficiaries", 0, "qualifies_because")
    assert found(_set(sample(), path, "One.\nTwo.\tThree.")) == []
    assert len(found(_set(sample(), path, "One.\x07"))) == 1
    assert len(found(_set(sample(), path, "One.\n"))) == 1


def test_a_whole_number_has_no_decimal_point() -> None:
    assert found(_set(sample(), ("supporters", 0, "annual_income"), 91400.0)) == [
        ("/supporters/0/annual_income", "expected a dollar amount such as 91400")
    ]


def _without_country(data: dict[str, Any]) -> None:
    del data["beneficiaries"][0]["mailing_address"]["country"]


def _two_endings(data: dict[str, Any]) -> None:
    data["request"]["stay"]["no_end_date"] = True


def _two_ways_to_name_files(data: dict[str, Any]) -> None:
    data["exhibits"][0]["files"] = ["a.pdf", "b.pdf"]


def _trip_of_a_parolee(data: dict[str, Any]) -> None:
    data["request"]["trip"] = {"departs_on": "tomorrow", "to": "x"}


def _state_abroad(data: dict[str, Any]) -> None:
    data["beneficiaries"][0]["mailing_address"] |= {"state": "TX"}


def _nobody(data: dict[str, Any]) -> None:
    data["supporters"][0]["same_as"] = "nobody-here"


def _status_in_words(data: dict[str, Any]) -> None:
    data["petitioner"]["status"] = "other"


def _does_not_read_english(data: dict[str, Any]) -> None:
    data["petitioner"]["reads_english"] = False


def _carrier_online(data: dict[str, Any]) -> None:
    data["filing"]["mode"] = "online"


def _reason_of_another_kind(data: dict[str, Any]) -> None:
    data["request"]["reasons"] = ["clinical-trial"]


def _evidence(data: dict[str, Any]) -> None:
    data["exhibits"][0]["evidence"] = ["petitioner-identty"]


def _same_race_twice(data: dict[str, Any]) -> None:
    data["beneficiaries"][0]["biographic"]["race"] = ["white", "white"]


def _tall(data: dict[str, Any]) -> None:
    data["beneficiaries"][0]["biographic"]["height"]["feet"] = 9


def _long_stay(data: dict[str, Any]) -> None:
    data["request"]["stay"]["length"] = "x" * 31


def _no_beneficiary(data: dict[str, Any]) -> None:
    data["beneficiaries"] = []


def _fax_of_the_petitioner(data: dict[str, Any]) -> None:
    data["petitioner"]["fax"] = "713-555-0190"


@pytest.mark.parametrize(
    ("broken", "where", "says"),
    [
        (_without_country, "/beneficiaries/0/mailing_address/country", 'required property "country" is missing; expected a country'),
        (_state_abroad, "/beneficiaries/0/mailing_address/state", "not allowed here: only an address in the United States has a state"),
        (_two_endings, "/request/stay/leave_by", "not allowed here: a stay has either"),
        (_two_ways_to_name_files, "/exhibits/0/file", "not allowed here: an exhibit has either `file` or `files`, not both"),
        (_trip_of_a_parolee, "/request/trip", "not allowed here: this kind of filing does not ask for it"),
        (_nobody, "/supporters/0/same_as", "expected petitioner or the id of a beneficiary of this case"),
        (_status_in_words, "/petitioner/status_explanation", 'required property "status_explanation" is missing'),
        (_does_not_read_english, "/petitioner/interpreter", 'required property "interpreter" is missing; expected an interp'),
        (_carrier_online, "/filing/carrier", "not allowed here: nothing is mailed when the filing is online"),
        (_reason_of_another_kind, "/request/reasons/0", "expected one of: medical, dying-relative,"),
        (_evidence, "/exhibits/0/evidence/0", "expected a kind of evidence, perhaps petitioner-identity or"),
        (_same_race_twice, "/beneficiaries/0/biographic/race", "the list names the same entry twice"),
        (_tall, "/beneficiaries/0/biographic/height/feet", "expected a whole number from 2 to 8"),
        (_long_stay, "/request/stay/length", "too long: 30 characters at most"),
        (_no_beneficiary, "/beneficiaries", "the list is empty; at least one entry is expected"),
        (_fax_of_the_petitioner, "/petitioner/fax", 'unknown property "fax"'),
    ],
)  # fmt: skip
def test_each_mistake_is_one_finding(broken: Callable[[dict[str, Any]], None], where: str, says: str) -> None:
    data = sample()
    broken(data)
    ((place, message),) = found(data)
    assert place == where
    assert message.startswith(says)


@pytest.mark.parametrize("text", ["Room and board. ", "\nRoom and board.", "Room and board.\n"])
def test_a_space_at_the_edge_of_a_text_is_named(text: str) -> None:
    ((place, message),) = found(_set(sample(), ("supporters", 0, "contributions"), text))
    assert place == "/supporters/0/contributions"
    assert message.endswith("without a space or a line break at its ends")


@pytest.mark.parametrize("word", ["keeping-families-together", "I-131F", "chnv", "family-reunification-parole", "uniting-for-ukraine"])
def test_an_ended_program_is_refused_with_reason_date_and_source(word: str) -> None:
    (finding,) = findings(_set(sample(), ("kind",), word))
    assert finding.where == "case.json /kind"
    assert "are not taken" in finding.message
    assert any(character.isdigit() for character in finding.message)
    assert "read 20" in finding.source
    assert "re-parole" in finding.remedy


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        (
            {"pages": "1"},
            "/exhibits/0/files/1/file",
            'required property "file" is missing; expected a file such as evidence/statement-2.pdf',
        ),
        ({"file": "a.pdf", "pages": "one"}, "/exhibits/0/files/1/pages", "expected a page range such as 1-3, 7"),
        ({"file": "a.pdf", "page": "1"}, "/exhibits/0/files/1/page", 'unknown property "page"; did you mean "pages"?'),
        (7, "/exhibits/0/files/1", "expected a file or part of one such as evidence/statement-1.pdf"),
        (
            " a.pdf",
            "/exhibits/0/files/1",
            "expected a file or part of one such as evidence/statement-1.pdf, without a space or a line break at its ends",
        ),
    ],
)
def test_an_entry_of_files_is_a_name_or_a_file_with_its_pages(entry: object, place: str, message: str) -> None:
    data = sample()
    data["exhibits"][0]["files"] = [data["exhibits"][0].pop("file"), entry]
    assert found(data) == [(place, message)]
    data["exhibits"][0]["files"][1] = {"file": "a.pdf", "pages": "1-3, 7", "$comment": "the signed pages"}
    assert found(data) == []


def test_a_translation_has_a_certificate_or_a_translator_for_whom_one_is_made() -> None:
    data = sample()
    translation = data["exhibits"][2]["translation"]
    translation["translator"] = {"name": {"family": "Velanique", "given": "Corisande"}}
    refused = "not allowed here: the certificate is there; another one is made only where there is none"
    assert found(data) == [("/exhibits/2/translation/translator", refused)]
    del translation["certificate"]
    assert found(data) == []


def test_an_unknown_kind_is_answered_with_the_kinds_there_are() -> None:
    ((_, message),) = found(_set(sample(), ("kind",), "humanitarian"))
    assert message == (
        "expected one of: urgent-humanitarian, significant-public-benefit, advance-parole, military-parole-in-place, parole-in-place, "
        "program-parole, re-parole"
    )


@pytest.mark.parametrize("item", ["1", "2", "3", "1.B"])
def test_reentry_permits_and_refugee_documents_are_refused_as_no_parole(item: str) -> None:
    ((_, message),) = found(_set(sample(), ("request", "item"), item))
    assert message == "items 1 to 3 of Part 1 are reentry permits and refugee travel documents, not parole"


def test_an_item_of_another_kind_is_answered_with_the_items_of_this_kind() -> None:
    assert found(_set(sample(), ("request", "item"), "5.A")) == [("/request/item", 'expected "7"')]


def test_the_inside_of_a_misspelled_property_is_judged_too() -> None:
    data = sample()
    data["petitioner"]["nmae"] = {"family": "Q", "gvien": "R"}
    del data["petitioner"]["name"]
    assert [where for where, _ in found(data)] == ["/petitioner/nmae", "/petitioner/nmae/gvien"]


def test_findings_stand_in_file_order_with_line_and_column(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    text = text.replace('"usps"', '"pigeon"').replace('"sex": "male"', '"sex": "m"').replace("1984-03-17", "1984-33-17")
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseInvalidError) as caught:
        read_case(path)
    assert caught.value.exit_code is ExitCode.CASE_INVALID
    assert [one.where for one in caught.value.findings] == [
        "case.json:9:22 /petitioner/date_of_birth",
        "case.json:30:14 /beneficiaries/0/sex",
        f"case.json:{len(text.splitlines()) - 1}:42 /filing/carrier",
    ]


@pytest.mark.parametrize("data", [[], "x", None, 5, [[]]])
def test_what_is_no_object_is_no_case(data: object) -> None:
    ((where, message),) = found(data)
    assert where == ""
    assert message.startswith("expected an object in braces, with case_id, kind,")


@given(path=st.sampled_from(_EVERY_PLACE), value=_ANYTHING)
def test_no_json_whatever_breaks_the_judgment(path: Pointer, value: object) -> None:
    for finding in findings(_set(sample(), path, value)):
        assert finding.where.startswith("case.json /")
        assert finding.message


def test_a_comment_may_stand_in_every_object() -> None:
    data = sample()
    for path in list(places(data)):
        if isinstance(at(data, path), dict):
            at(data, path)["$comment why"] = "ask the client"
    data["$comment"] = "of the whole"
    assert findings(data) == []


def test_a_bad_comment_is_no_unknown_property() -> None:
    assert found(_set(sample(), ("$comment",), 5)) == [("/$comment", "this value is not allowed here")]


def _many(count: int) -> dict[str, Any]:
    data = sample()
    person = data["beneficiaries"][1]
    data["beneficiaries"] = [{**person, "id": f"person-{number}"} for number in range(count)]
    data["supporters"][0]["supports"] = [{"beneficiary": f"person-{number}", "relationship": "Aunt"} for number in range(count)]
    return data


def test_fifty_beneficiaries_are_read_and_judged_at_once(tmp_path: Path) -> None:
    """The goal is 0.3 s of CPU time warm; the limit here leaves room for a slow machine."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(_many(50), indent=2), encoding="utf-8")
    read_case(path)
    started = time.process_time()
    schema_findings(load(path))
    assert time.process_time() - started < 1
