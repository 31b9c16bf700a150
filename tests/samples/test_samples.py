"""Every sample is a case that an office could have: clean by the rules, buildable, its forms filled right, its evidence made by script."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pipeline.findings import Level
from pipeline.forms.editions import current
from pipeline.forms.inventory import Field
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.examine import examine
from pipeline.resources import shipped
from tests.conftest import ROOT

SAMPLES = ROOT / "samples"
RESPONSE = "response"
"""The sample whose packet answers a notice; the others are first filings, one of each kind."""

KINDS = sorted(path.parent.name for path in SAMPLES.glob("*/case.json") if path.parent.name != RESPONSE)
BY_SCRIPT = [kind for kind in KINDS if kind != "urgent-humanitarian"]
"""Samples whose evidence `samples/make_evidence.py` makes; the medical one has a script of its own, tested with the evidence room."""

LARGEST_EVIDENCE = 400_000

MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]

PICTURE = "(a picture)"

ITEMS = {
    "urgent-humanitarian": "7",
    "significant-public-benefit": "7",
    "advance-parole": "5.A",
    "military-parole-in-place": "8.A",
    "parole-in-place": "9",
    "program-parole": "6.B",
    "re-parole": "10.C",
}

TRUE_WARNINGS = {
    "urgent-humanitarian": set(),
    "military-parole-in-place": {"notice-to-appear", "fact-stale"},
    "parole-in-place": {"notice-to-appear"},
    "program-parole": {"program-unclear"},
    "re-parole": {"notice-to-appear", "fact-stale"},
}
"""The warnings that are true of a sample: what a person should weigh in it, and no fault of the case."""

ALWAYS = {"2.1", "2.6", "2.9", "3.1", "3.3", "4.1", "4.2.a", "10.1", "13.1"}
"""Parts and items of Form I-131 that every sample fills; 13.1 repeats the name."""

OPTIONAL = {"2.12", "2.16", "2.18", "4.4", "7.1", "8.1", "8.2", "8.3.a", "9.1", "1.12", "11.1", "12.1"}
"""Parts and items that depend on the kind of filing and on who files."""

FILLED = {
    "urgent-humanitarian": {"2.16", "2.18", "8.1", "8.2", "8.3.a", "12.1"},
    "significant-public-benefit": {"2.16", "2.18", "8.1", "8.2", "8.3.a", "12.1"},
    "advance-parole": {"2.12", "4.4", "7.1"},
    "military-parole-in-place": {"8.1", "8.2", "11.1", "12.1"},
    "parole-in-place": {"2.16", "2.18", "8.1", "8.2", "12.1"},
    "program-parole": {"8.1", "8.2", "8.3.a", "12.1"},
    "re-parole": {"1.12", "2.12", "8.1", "8.2", "9.1", "12.1"},
}
"""What the first person's Form I-131 fills of OPTIONAL: the table of Parts by kind, drawn from the form itself (edition 01/20/25)."""


@dataclass(frozen=True)
class BuiltSample:
    """A sample's packet on facsimiles."""

    kind: str
    reasons: tuple[str, ...]
    manifest: dict[str, Any]
    folder: Path

    def forms(self, name: str) -> list[dict[str, Any]]:
        return [form for form in self.manifest["forms"] if form["form"] == name]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], BuiltSample]:
    """Builds a sample once."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "no-forms").mkdir()
    done: dict[str, BuiltSample] = {}

    def build(kind: str) -> BuiltSample:
        if kind not in done:
            result = build_packet(SAMPLES / kind / "case.json", BuildOptions(out=folder / "out", forms=folder / "no-forms"))
            manifest = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
            done[kind] = BuiltSample(kind, result.reasons, manifest, result.folder)
        return done[kind]

    return build


@pytest.fixture(scope="module")
def i131() -> dict[str, Field]:
    """The fields of Form I-131 by name, from the inventory, which knows nothing of the field map."""
    return dict(current("I-131").inventory.by_name)


def case_of(kind: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((SAMPLES / kind / "case.json").read_text(encoding="utf-8"))
    return data


def files_of(case: dict[str, Any]) -> Iterator[str]:
    """Every file that the exhibits name."""
    for exhibit in case["exhibits"]:
        yield from [exhibit["file"]] if "file" in exhibit else exhibit["files"]
        yield from (exhibit["translation"][part] for part in ("file", "certificate") if part in exhibit.get("translation", {}))


def texts_of(path: Path) -> list[str]:
    """The text of each page of a PDF; the accented and Cyrillic pages too."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_every_filing_kind_has_a_sample() -> None:
    schema = json.loads((shipped("schemas") / "case.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]["kind"]["enum"]) == set(KINDS) == set(ITEMS)
    assert all(case_of(kind)["kind"] == kind for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_breaks_no_rule_and_its_warnings_are_true(kind: str) -> None:
    findings = examine(SAMPLES / kind / "case.json").findings
    assert [f.rule for f in findings if f.level is Level.ERROR] == []
    assert {f.rule for f in findings if f.level is Level.WARNING} == TRUE_WARNINGS.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_builds_into_a_draft_for_want_of_official_forms_only(kind: str, built: Callable[[str], BuiltSample]) -> None:
    sample = built(kind)
    assert sample.manifest["status"] == "draft"
    assert sample.reasons
    assert all("is a facsimile" in reason for reason in sample.reasons)


@pytest.mark.parametrize("kind", KINDS)
def test_each_form_i131_ticks_one_application_type_and_the_right_one(
    kind: str, built: Callable[[str], BuiltSample], i131: dict[str, Field]
) -> None:
    sample = built(kind)
    assert len(sample.forms("I-131")) == len(case_of(kind)["beneficiaries"])
    for form in sample.forms("I-131"):
        ticked = [v["field"] for v in form["values"] if v["kind"] == "checkbox" and v["ticked"] and "CB_AppType" in v["field"]]
        assert [i131[name].item for name in ticked] == [ITEMS[kind]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_form_i131_fills_the_parts_of_its_kind(kind: str, built: Callable[[str], BuiltSample], i131: dict[str, Field]) -> None:
    values = built(kind).forms("I-131")[0]["values"]
    filled = [i131[v["field"]] for v in values if v.get("ticked") or v.get("text")]
    places = {f"{field.part}.{field.item}" for field in filled}
    assert places >= ALWAYS
    assert places & OPTIONAL == FILLED[kind]


def test_a_veteran_asks_for_himself_and_for_his_wife(built: Callable[[str], BuiltSample], i131: dict[str, Field]) -> None:
    """One form about the petitioner and one about somebody else, each with its own sub-box of item 6.B."""
    own, wife = built("program-parole").forms("I-131")
    roles = [{i131[v["field"]].label for v in form["values"] if v.get("ticked") and "P1_Line6B" in v["field"]} for form in (own, wife)]
    assert [len(role) for role in roles] == [1, 1]
    assert roles[0] != roles[1]
    named = [{v["text"] for v in form["values"] if "P2_Line16_GivenName" in v["field"]} for form in (own, wife)]
    assert named == [set(), {"Shanelle"}]


def test_every_promise_of_support_has_its_own_form(built: Callable[[str], BuiltSample]) -> None:
    for kind in KINDS:
        promises = [entry["beneficiary"] for supporter in case_of(kind).get("supporters", []) for entry in supporter["supports"]]
        assert sorted(form["beneficiary"] for form in built(kind).forms("I-134")) == sorted(promises)


def test_who_supports_himself_signs_part_4_and_others_part_5(built: Callable[[str], BuiltSample]) -> None:
    signed = built("program-parole").manifest["signatures"]
    parts = [(s["who"], s["part"]) for s in signed if "I-134" in s["form"] and s["who"] in ("beneficiary", "supporter")]
    assert parts == [("beneficiary", "Part 4, Item 6"), ("supporter", "Part 5, Item 6"), ("supporter", "Part 5, Item 6")]


def test_the_samples_vary_what_a_filing_can_vary() -> None:
    cases = [case_of(kind) for kind in KINDS]
    assert {case["filing"]["mode"] for case in cases} == {"paper", "online"}
    assert {case["filing"]["payment"] for case in cases} == {"card", "bank", "waiver", "none"}
    assert {case["filing"].get("carrier") for case in cases} == {"usps", "courier", None}
    assert {case.get("representative", {}).get("kind") for case in cases} == {"attorney", "accredited-representative", None}
    assert {min(len(case["beneficiaries"]), 2) for case in cases} == {1, 2}
    assert {min(len(case.get("supporters", [])), 2) for case in cases} == {0, 1, 2}
    assert any("interpreter" in case["petitioner"] for case in cases)
    assert any("preparer" in case for case in cases)
    assert any("fee_exemption" in person for case in cases for person in case["beneficiaries"])
    assert {Path(name).suffix for case in cases for name in files_of(case)} == {".pdf", ".jpg", ".png"}
    languages = {exhibit["translation"]["language"] for case in cases for exhibit in case["exhibits"] if "translation" in exhibit}
    assert languages == {"Spanish", "Romanian", "Portuguese", "Ukrainian"}


def test_the_response_answers_its_notice_from_old_and_new_exhibits(tmp_path: Path) -> None:
    case, path = case_of(RESPONSE), SAMPLES / RESPONSE / "case.json"
    assert [f.rule for f in examine(path).findings if f.level is Level.ERROR] == []
    result = build_packet(path, BuildOptions(out=tmp_path))
    assert json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))["status"] == "ready"
    for answer in case["stage"]["answers"]:
        words = " ".join(" ".join(cited_pages(RESPONSE, case, answer["exhibits"])).split()).casefold()
        days = map(iso_of, re.findall(rf"(?:{'|'.join(MONTHS)}) \d+, \d{{4}}", answer["text"], re.IGNORECASE))
        assert [day for day in days if not any(form in words for form in dates_in_words(day))] == []
        assert [dollars for dollars in re.findall(r"\$[\d,]*\d", answer["text"]) if dollars not in words] == []


@pytest.mark.parametrize("kind", [*BY_SCRIPT, RESPONSE])
def test_the_script_makes_the_committed_evidence(kind: str) -> None:
    script = runpy.run_path(str(SAMPLES / "make_evidence.py"))
    made: dict[str, bytes] = dict(script["documents"](kind))
    committed = {path.name: path.read_bytes() for path in (SAMPLES / kind / "evidence").iterdir()}
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_of_the_evidence_is_in_an_exhibit_once(kind: str) -> None:
    named = list(files_of(case_of(kind)))
    assert sorted(named) == sorted(f"evidence/{path.name}" for path in (SAMPLES / kind / "evidence").iterdir())
    assert 6 <= len(case_of(kind)["exhibits"]) <= 11


@pytest.mark.parametrize("kind", BY_SCRIPT)
def test_the_evidence_of_a_sample_is_small(kind: str) -> None:
    assert sum(path.stat().st_size for path in (SAMPLES / kind / "evidence").iterdir()) < LARGEST_EVIDENCE


@pytest.mark.parametrize("kind", [*BY_SCRIPT, RESPONSE])
def test_everybody_in_a_sample_is_fictional_and_it_says_so(kind: str) -> None:
    words = (SAMPLES / kind / "case.json").read_text(encoding="utf-8")
    for path in sorted((SAMPLES / kind / "evidence").glob("*.pdf")):
        for number, page in enumerate(texts_of(path), 1):
            assert "All persons and institutions in it are fictional." in page, f"{path.name}, page {number}"
            words += page
    phones = re.findall(r"\b(?:\d{2,3}-)+\d{3}-\d{4}\b", words)
    assert phones
    assert [phone for phone in phones if not re.fullmatch(r"(?:\d{2,3}-)+555-01\d\d", phone)] == []
    assert [host for host in re.findall(r"@([\w.-]+\w)", words) if host.split(".")[-2:] != ["example", "org"]] == []


@pytest.mark.parametrize("kind", BY_SCRIPT)
def test_the_case_and_its_evidence_agree_on_names_and_birthdays(kind: str) -> None:
    """The family name of each beneficiary and the date of birth stand in the English text of the evidence."""
    case = case_of(kind)
    words = " ".join(text for path in (SAMPLES / kind / "evidence").glob("*.pdf") for text in texts_of(path))
    words = " ".join(words.split()).casefold()
    for entry in case["beneficiaries"]:
        person = case["petitioner"] if "same_as" in entry else entry
        assert person["name"]["family"].casefold() in words
        assert any(form in words for form in dates_in_words(person["date_of_birth"]))


@pytest.mark.parametrize("kind", BY_SCRIPT)
def test_the_cited_pages_say_the_dates_and_dollars_of_the_letter(kind: str) -> None:
    """Each date and amount of a point stands on a page that the point cites; the days of the stay asked for are the office's own."""
    case = case_of(kind)
    own = set(case["request"].get("stay", {}).values())
    missing = []
    for point in (point for section in case["request"]["argument"].values() for point in section):
        words = " ".join(" ".join(cited_pages(kind, case, point["exhibits"])).split()).casefold()
        for day in {*map(iso_of, re.findall(rf"(?:{'|'.join(MONTHS)}) \d+, \d{{4}}", point["text"], re.IGNORECASE))} - own:
            if not any(form in words for form in dates_in_words(day)) and PICTURE not in words:
                missing.append((day, point["text"]))
        missing += [(sum_, point["text"]) for sum_ in re.findall(r"\$[\d,.]*\d", point["text"]) if sum_ not in words]
    assert missing == []


def cited_pages(kind: str, case: dict[str, Any], citations: list[dict[str, str]]) -> Iterator[str]:
    """The text of the pages that a point cites; PICTURE for one that has no text."""
    exhibits = {exhibit["id"]: exhibit for exhibit in case["exhibits"]}
    for citation in citations:
        files = files_of({"exhibits": [exhibits[citation["exhibit"]]]})
        pages = [page for file in files for page in (texts_of(SAMPLES / kind / file) if file.endswith(".pdf") else [PICTURE])]
        for run in citation.get("pages", f"1-{len(pages)}").split(","):
            first, _, last = run.strip().partition("-")
            yield from pages[int(first) - 1 : int(last or first)]


def iso_of(day: str) -> str:
    """`March 8, 2027` as `2027-03-08`."""
    month, number, year = day.replace(",", "").split()
    return f"{year}-{MONTHS.index(month.casefold()) + 1:02}-{int(number):02}"


def dates_in_words(day: str) -> tuple[str, ...]:
    """The ways in which the documents write a date, in small letters."""
    year, month, number = day.split("-")
    return (f"{MONTHS[int(month) - 1]} {int(number)}, {year}", f"{year} {month} {number}", f"{month}/{number}/{year}")
