"""The sample's evidence: all there, fictional, and in agreement with the case that cites it."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pikepdf
import pytest

from pipeline.evidence.convert import convert
from pipeline.evidence.model import Converted
from pipeline.evidence.page_range import parse_pages
from pipeline.evidence.source import resolve_source
from tests.conftest import SAMPLE
from tests.evidence.seeing import text

FOLDER = SAMPLE.parent


@cache
def case() -> Mapping[str, Any]:
    return json.loads(SAMPLE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def files_of(exhibit: Mapping[str, Any]) -> list[str]:
    translation = exhibit.get("translation", {})
    return [exhibit["file"], *(translation[part] for part in ("file", "certificate") if part in translation)]


NAMES = [name for exhibit in case()["exhibits"] for name in files_of(exhibit)]


@cache
def made(name: str) -> Converted:
    return convert(resolve_source(FOLDER, name), shown_as=name)


def words_of(name: str) -> str:
    result = made(name)
    return re.sub(r"\s+", " ", " ".join(text(result.pdf, page) for page in range(1, result.pages_out + 1)))


def test_the_folder_holds_exactly_the_files_that_the_case_names() -> None:
    assert sorted(f"evidence/{path.name}" for path in (FOLDER / "evidence").iterdir()) == sorted(NAMES)
    assert sum(path.stat().st_size for path in (FOLDER / "evidence").iterdir()) < 1_500_000


@pytest.mark.parametrize("name", NAMES)
def test_each_file_converts_without_a_remark(name: str) -> None:
    assert made(name).findings == ()
    assert made(name).pages_in == made(name).pages_out


def test_the_files_have_the_shapes_they_are_there_for() -> None:
    assert made("evidence/medical-record.pdf").pages_out >= 4
    assert any(entry.children for entry in made("evidence/medical-record.pdf").bookmarks)
    with pikepdf.open(FOLDER / "evidence/visa-refusal.pdf") as pdf:
        assert {page.obj.Rotate for page in pdf.pages} == {90}
    with pikepdf.open(FOLDER / "evidence/bank-statement.pdf") as pdf:
        assert all(float(page.cropbox[0]) > 0 for page in pdf.pages)
    with pikepdf.open(FOLDER / "evidence/echocardiogram.pdf") as pdf:
        assert [round(float(value)) for value in pdf.pages[0].mediabox] == [0, 0, 842, 595]


def points(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every citation of an exhibit in the argument and the expedite request."""
    for section in request["argument"].values():
        for point in section:
            yield from point["exhibits"]
    yield from request["expedite"]["exhibits"]


def test_cited_pages_are_pages_of_the_exhibit() -> None:
    exhibits = {exhibit["id"]: exhibit for exhibit in case()["exhibits"]}
    cited = list(points(case()["request"]))
    assert cited
    for citation in cited:
        pages = sum(made(name).pages_out for name in files_of(exhibits[citation["exhibit"]]))
        assert parse_pages(citation.get("pages", "1"), pages)


FACTS = {
    "birth-certificate-english.pdf": ["June 9, 2015", "Nerea Luz", "The father died"],
    "medical-record.pdf": ["etralogy of Fallot", "84 % on March 9, 2026", "71 % on October 14, 2026", "Hospital Santa Brígida"],
    "cardiologist-letter-english.pdf": ["will not live another year", "Since 2022 no hospital in Honduras", "84 %", "71 %"],
    "echocardiogram.pdf": ["October 14, 2026", "71 %"],
    "acceptance-letter.pdf": ["February 2, 2027", "Charity Fund", "fit to fly in August 2027", "Six months of care"],
    "visa-refusal.pdf": ["August 19, 2026", "section 214(b)", "H0155501", "H0155502"],
    "police-clearance-english.pdf": ["NEREA LUZ TOSTABREL", "no police record", "H0155502"],
    "school-board-letter-english.pdf": ["since February 4, 2013", "to January 31, 2028", "in her own house"],
    "bank-statement.pdf": ["$38,250.00", "$6,120.00", "$91,400", "registered nurse", "4820 Larkmere Avenue"],
}
SAID = ["complete and accurate", "competent to translate from Spanish into English", "Casimira Doventel", "Telephone 713-555-01", "2026"]
CERTIFICATES = [exhibit["translation"]["certificate"] for exhibit in case()["exhibits"] if "translation" in exhibit]


@pytest.mark.parametrize(("name", "facts"), FACTS.items())
def test_the_documents_say_what_the_case_says(name: str, facts: list[str]) -> None:
    words = words_of(f"evidence/{name}")
    assert [fact for fact in facts if fact not in words] == []


def test_the_pages_that_the_case_cites_hold_what_it_says() -> None:
    assert "fit to fly in August 2027" in re.sub(r"\s+", " ", text(made("evidence/acceptance-letter.pdf").pdf, 2))
    assert "by February 2027" in re.sub(r"\s+", " ", text(made("evidence/acceptance-letter.pdf").pdf, 1))


@pytest.mark.parametrize("name", CERTIFICATES)
def test_certificates_say_what_the_rule_asks(name: str) -> None:
    """8 CFR 103.2(b)(3): complete and accurate, and competent to translate into English."""
    words = words_of(name)
    assert [said for said in SAID if said not in words] == []


def test_telephones_and_mail_are_fictional() -> None:
    words = " ".join(words_of(name) for name in NAMES if name.endswith(".pdf"))
    phones = re.findall(r"\b\d{3}-\d{3}-\d{4}\b", words)
    assert len(phones) > 10
    assert all(re.fullmatch(r"\d{3}-555-01\d\d", phone) for phone in phones)
    hosts = re.findall(r"@([\w.-]+\w)", words)
    assert hosts
    assert all(host.split(".")[-2:] == ["example", "org"] for host in hosts)


AGAIN = [("bank-statement", "bank-statement.pdf"), ("cardiologist-letter", "carta del cardiólogo.pdf")]


@pytest.mark.parametrize(("document", "name"), AGAIN)
def test_the_script_makes_the_documents_anew(document: str, name: str) -> None:
    script = runpy.run_path(str(FOLDER / "make_evidence.py"))
    assert text(script["document"](document)) == text((FOLDER / "evidence" / name).read_bytes())
