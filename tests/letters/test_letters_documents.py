"""The four documents, read back from their PDFs: the right words, nothing left over, the same bytes, tagged."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.letters.context import ExhibitEntry, Fee, Filing, LetterContext
from pipeline.letters.documents import Rendered, checklist, cover_letter, evidence_index, exhibit_sheets
from pipeline.letters.office import Office
from pipeline.letters.people import Person
from pipeline.letters.request import Argument, Citation, Point
from tests.letters.contexts import alone, large, sample

DOCUMENTS: tuple[Callable[[LetterContext], Rendered], ...] = (cover_letter, evidence_index, exhibit_sheets, checklist)
CONTEXTS: dict[str, Callable[[], LetterContext]] = {"sample": sample, "alone": alone, "large": large}
HOSTILE = '#read("/etc/passwd") {{ 7*7 }} <b>'
STAMP = 40.0
"""Points at the top of a page that belong to the packet's stamp."""


def page_texts(document: Rendered) -> list[str]:
    pdf = pypdfium2.PdfDocument(document.pdf)
    found = (page.get_textpage().get_text_range().replace("\ufffe", "-") for page in pdf)  # a hyphen at the end of a line
    return [" ".join(words.split()) for words in found]


def text(document: Rendered) -> str:
    return " ".join(page_texts(document))


def ink(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right and top of every character that leaves ink, in points from the lower left corner."""
    words = page.get_textpage()
    boxes = [words.get_charbox(i) for i in range(words.count_chars())]
    return [box for box in boxes if box[2] - box[0] > 0.1 and box[3] - box[1] > 0.1]


def targets(document: Rendered) -> list[str]:
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        return [str(note.A.URI) for page in pdf.pages for note in page.get("/Annots", [])]


@pytest.mark.parametrize("make", DOCUMENTS)
@pytest.mark.parametrize("name", CONTEXTS)
def test_nothing_is_left_over(make: Callable[[LetterContext], Rendered], name: str) -> None:
    words = text(make(CONTEXTS[name]()))
    assert not re.search(r"\bNone\b|\{\{|\{%|#\(|\\u\{|Undefined", words)
    assert not re.search(r" [,.;:)]|\( |,,|\.\.|;;|\(\)", words), re.search(r".{20} [,.;:)].{5}", words)
    assert not re.search(r"\b(the|a|an|of|to|for|is|and|in|from) \1\b", words)


@pytest.mark.parametrize("make", DOCUMENTS)
@pytest.mark.parametrize("name", CONTEXTS)
def test_every_page_is_letter_size_with_the_stamp_area_free(make: Callable[[LetterContext], Rendered], name: str) -> None:
    document = make(CONTEXTS[name]())
    pdf = pypdfium2.PdfDocument(document.pdf)
    assert len(pdf) == document.pages
    for number, page in enumerate(pdf, 1):
        assert page.get_size() == (612, 792)
        boxes = ink(page)
        assert all(left >= 72 - 1 and right <= 612 - 72 + 1 for left, _, right, _ in boxes)
        below = page.get_textpage().get_text_bounded(top=72 - 4).strip()
        assert below == (f"{number} of {len(pdf)}" if make is checklist else "")
        assert max(top for *_, top in boxes) <= 792 - STAMP - 30


@pytest.mark.parametrize("make", DOCUMENTS)
def test_documents_are_tagged_and_name_their_language_and_title(make: Callable[[LetterContext], Rendered]) -> None:
    with pikepdf.open(io.BytesIO(make(sample()).pdf)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en-US"
        assert str(pdf.docinfo["/Title"])
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_two_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.letters.contexts import sample; from pipeline.letters.documents import *; "
        "print([hashlib.sha256(f(sample()).pdf).hexdigest() for f in (cover_letter, evidence_index, exhibit_sheets, checklist)])"
    )
    root = Path(__file__).parents[2]
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": seed, "TZ": zone}, capture_output=True, check=True)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_the_cover_letter_says_who_asks_what_for_whom() -> None:
    words = text(cover_letter(sample()))
    for part in (
        "Ravensholt Law Office Imogen P Ravensholt 1901 Tamberlane Street, Suite 400, Houston, TX 77002",
        "November 24, 2026 By U.S. Postal Service USCIS Attn: HP P.O. Box 660865 Dallas, TX 75266-0865",
        "Request for humanitarian parole under INA 212(d)(5)(A) Form I-131, Part 1, item 7",
        "Ilario Benedicto Tostabrel, born June 9, 2015, in Honduras",
        "EXPEDITE REQUESTED",
        "This office represents Marisolda Ivette Quennevar, a citizen of the United States. She asks USCIS to parole into the United "
        "States her nephew, Ilario Benedicto Tostabrel, and her sister-in-law, Nerea Luz Tostabrel, both citizens of Honduras, for urgent "
        "humanitarian reasons under section 212(d)(5)(A) of the Immigration and Nationality Act (INA).",
        "Form I-134, Declaration of Financial Support (2)",
        "keeps blood from being oxygenated. (Ex. D, p. 68)",
        "without a complete repair. (Ex. E, pp. 70-72; Ex. F, pp. 74-76)",
        "Marisolda Ivette Quennevar declares financial support on the enclosed Forms I-134.",
        "Parole is requested from January 11, 2027, to December 31, 2027, a period of 11 months and 20 days.",
        "Please notify the U.S. post in Tegucigalpa, Honduras, of the decision.",
        "The filing fee is $630 for each of the two requests, $1,260 in all. It is paid with two Forms G-1450, one for each request.",
        "Attorney for Marisolda Ivette Quennevar Ravensholt Law Office State Bar of Texas, No. 24055501",
    ):
        assert part in words


def test_the_argument_is_numbered_in_the_order_of_the_factors() -> None:
    words = text(cover_letter(sample()))
    headings = [
        "1. Urgent humanitarian reason",
        "2. Why a visa or another channel is not available",
        "3. Discretion",
        "4. Security and the risk of absconding",
        "5. Means of support",
        "6. Length, purpose and departure",
    ]
    places = [words.index(heading) for heading in headings]
    assert places == sorted(places)


def test_empty_sections_vanish_and_the_rest_is_numbered_without_a_gap() -> None:
    base = sample()
    words = text(cover_letter(replace(base, argument=replace(base.argument, no_other_way=(), discretion=()))))
    assert "Discretion" not in words
    assert "ordinary visa processing" not in words
    assert "2. Security and the risk of absconding" in words


def test_a_petitioner_without_a_representative_speaks_for_herself() -> None:
    base = sample()
    words = text(cover_letter(replace(base, representative=None)))
    assert words.startswith("Marisolda Ivette Quennevar 4820 Larkmere Avenue, Apt. 12B Houston, TX 77036 713-555-0142")
    assert "My name is Marisolda Ivette Quennevar. I am a citizen of the United States. I ask USCIS to parole into the" in words
    assert "my nephew, Ilario Benedicto Tostabrel, and my sister-in-law, Nerea Luz Tostabrel, both citizens" in words
    assert "I ask USCIS to decide this request out of turn." in words
    assert "I declare my financial support on the enclosed Forms I-134." in words
    assert "Please direct any question or request for evidence to me at 713-555-0142 or m.quennevar@example.org." in words
    assert words.endswith("Marisolda Ivette Quennevar Petitioner Enclosures: as listed above")
    assert "office" not in words
    assert not re.search(r"\b(We|She asks)\b", words)


def test_a_self_petitioner_asks_for_herself() -> None:
    base = sample()
    person = replace(base.petitioner, status="none", citizenship="Honduras", relationship=None)
    own = replace(base, petitioner=person, beneficiaries=(person,), self_filed=True)
    assert "She asks USCIS to parole her into the United States for urgent" in text(cover_letter(own))
    assert "I ask USCIS to parole me into the United States for urgent" in text(cover_letter(replace(own, representative=None)))
    child = replace(base.beneficiaries[0], relationship="son")
    both = text(cover_letter(replace(own, beneficiaries=(person, child))))
    assert "to parole her and her son, Ilario Benedicto Tostabrel, into the United States for urgent" in both
    assert "to parole her and Ilario Benedicto Tostabrel into the United States for urgent humanitarian reasons under INA" in both


@pytest.mark.parametrize(
    ("sex", "sentence"),
    [("female", "She asks USCIS"), ("male", "He asks USCIS"), (None, "They ask USCIS")],
)
def test_pronouns_follow_the_petitioner(sex: str | None, sentence: str) -> None:
    base = sample()
    assert sentence in text(cover_letter(replace(base, petitioner=replace(base.petitioner, sex=sex))))


def test_one_beneficiary_is_singular() -> None:
    base = sample()
    one = replace(base, beneficiaries=base.beneficiaries[:1], filing=replace(base.filing, fee=Fee(630, 1, "G-1450")))
    words = text(cover_letter(one))
    assert "Beneficiary: Ilario Benedicto Tostabrel, born" in words
    assert "her nephew, Ilario Benedicto Tostabrel, a citizen of Honduras, for urgent" in words
    assert "The filing fee is $630. It is paid with the enclosed Form G-1450." in words
    assert "on the enclosed Form I-134." in words


@pytest.mark.parametrize(
    ("count", "phrase"), [(3, "Nerea Luz Tostabrel; and her"), (5, "the five people named above for urgent"), (12, "the 12 people")]
)
def test_many_beneficiaries_are_counted_instead_of_named_again(count: int, phrase: str) -> None:
    base = sample()
    assert phrase in text(cover_letter(replace(base, beneficiaries=(base.beneficiaries * 6)[:count])))


@pytest.mark.parametrize(
    ("fee", "sentence"),
    [
        (
            Fee(0, 0, exemption="the beneficiary is seeking T nonimmigrant status."),
            "No filing fee is due because the beneficiary is seeking T nonimmigrant status. Con",
        ),
        (Fee(630, 2, waiver=True), "A waiver of the filing fee is requested on the enclosed Form I-912."),
        (Fee(580, 2), "The filing fee is $580 for each of the two requests, $1,160 in all. Con"),
        (None, "Both will return to Honduras by December 31, 2027. (Ex. G, p. 78) Conclusion"),
    ],
)
def test_the_fee_is_told_as_it_is_met(fee: Fee | None, sentence: str) -> None:
    base = sample()
    assert sentence in text(cover_letter(replace(base, filing=replace(base.filing, fee=fee))))


def test_public_benefit_has_its_own_words() -> None:
    base = sample()
    words = text(cover_letter(replace(base, request=replace(base.request, kind="significant-public-benefit"))))
    assert "Request for parole for significant public benefit under INA 212(d)(5)(A)" in words
    assert "1. Significant public benefit" in words
    assert "humanitarian" not in words.replace("for urgent humanitarian reasons or significant public benefit", "")


def test_salutation_and_remarks_are_the_offices_own() -> None:
    words = text(cover_letter(replace(sample(), salutation="Dear Director", remarks=("Please send all notices to us.", "Thank you."))))
    assert "Dear Director: This office" in words
    assert "Please send all notices to us. Thank you. Please direct" in words


def test_a_letter_of_next_to_no_facts_is_whole() -> None:
    words = text(cover_letter(alone()))
    assert "Parole is requested" not in words
    assert "What is enclosed" not in words
    assert "Filing fee" not in words
    assert "Enclosures" not in words
    assert "He needs an operation that is not done in Honduras. Conclusion" in words


@pytest.mark.parametrize("missing", ["purpose", "arrive_on", "leave_by", "length", "notify_office", "expedite"])
def test_each_fact_of_the_request_may_be_missing(missing: str) -> None:
    base = sample()
    facts: dict[str, Any] = {missing: None}
    words = text(cover_letter(replace(base, request=replace(base.request, **facts))))
    assert not re.search(r" [,.]|None|\( ", words)


def test_links_go_to_the_pages_that_are_printed() -> None:
    letter = cover_letter(sample())
    printed = set(re.findall(r"Ex\. [A-Z]+, pp?\. (\d+)", text(letter)))
    assert {target.removeprefix("packet:page/") for target in targets(letter)} == printed
    index = targets(evidence_index(sample()))
    expected = [e.first_page for e in sample().exhibits] + [p.first_page for e in sample().exhibits for p in e.parts]
    assert sorted(index) == sorted(f"packet:page/{page}" for page in expected)
    assert targets(checklist(sample())) == []


def test_the_index_has_a_row_for_each_exhibit_with_its_pages_and_parts() -> None:
    words = text(evidence_index(sample()))
    for exhibit in sample().exhibits:
        pages = str(exhibit.first_page) if exhibit.first_page == exhibit.last_page else f"{exhibit.first_page}-{exhibit.last_page}"
        assert exhibit.title in words
        assert exhibit.shows in words
        assert re.search(rf"\b{pages}\b", words)
    assert "Original in Spanish, p. 64 English translation, p. 65 Translator's certificate, p. 66" in words


def test_a_long_index_repeats_its_header_and_loses_no_row() -> None:
    index = evidence_index(large(60))
    pages = page_texts(index)
    assert index.pages >= 4
    assert all("Exhibit Document What it shows Packet pages" in page for page in pages)
    words = " ".join(pages)
    assert all(f"Record {i} of the Hospital" in words for i in range(60))
    with pikepdf.open(io.BytesIO(index.pdf)) as pdf:
        kinds = [str(o.S) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]
    assert kinds.count("/TH") == 4
    assert kinds.count("/TR") == 61


def test_a_row_longer_than_a_page_breaks_and_is_not_cut_off() -> None:
    base = sample()
    entry = replace(base.exhibits[0], title="begin " + "word " * 1500 + "finish", shows="shown")
    words = text(evidence_index(replace(base, exhibits=(entry,))))
    assert "finish" in words
    assert words.count("word") == 1500


def test_each_exhibit_has_one_sheet_with_its_label() -> None:
    pages = page_texts(exhibit_sheets(sample()))
    assert len(pages) == len(sample().exhibits)
    for page, exhibit in zip(pages, sample().exhibits, strict=True):
        assert page.startswith(f"Exhibit {exhibit.label} {exhibit.title} {exhibit.shows} Packet page")
    tab = replace(sample().exhibits[0], label="Tab 4")
    assert text(exhibit_sheets(replace(sample(), exhibits=(tab,)))).startswith("Tab 4 U.S. passport")


def test_a_sheet_that_does_not_fit_is_an_error() -> None:
    entry = replace(sample().exhibits[0], title="word " * 2000)
    with pytest.raises(TemplateError, match="must fit on one page"):
        exhibit_sheets(replace(sample(), exhibits=(entry,)))


def test_the_checklist_says_what_is_open_who_signs_what_is_paid_and_where() -> None:
    words = text(checklist(sample()))
    for part in (
        "This packet is a draft and must not be filed: • 4 forms are facsimiles",
        "This point cites no exhibit. Cite one.",
        "Marisolda Ivette Quennevar (petitioner) I-131 Part 10, item 4 20",
        "$630 for each of two requests, $1,260 in all. Pay with two Forms G-1450, one for each request.",
        "By U.S. Postal Service: USCIS Attn: HP P.O. Box 660865 Dallas, TX 75266-0865",
        "Use no staples, binders or folders.",
    ):
        assert part in words
    ready = text(checklist(replace(sample(), draft_reasons=(), findings=(), filing=Filing())))
    assert "This packet is ready for signature." in ready
    assert "Still open" not in ready
    assert "The fee is not known." in ready
    assert "The address is not known. Print it from uscis.gov/i-131-addresses and enter" in ready
    together = replace(sample(), filing=Filing(), request=replace(sample().request, filed_with="I-485"))
    assert "Print it from the page of addresses of the form that this request is filed with" in text(checklist(together))


@pytest.mark.parametrize("label", ["A", "AB"])
def test_the_length_of_a_letter_does_not_hang_on_which_digits_it_prints(label: str) -> None:
    def with_pages(first: int) -> LetterContext:
        base = sample()
        points = tuple(
            replace(p, citations=(Citation(label, first, first + 2), Citation(label, first + 4, first + 5))) for p in base.argument.need * 4
        )
        return replace(base, argument=replace(base.argument, need=points))

    lines = [
        [len(page.get_textpage().get_text_range().splitlines()) for page in pypdfium2.PdfDocument(cover_letter(with_pages(first)).pdf)]
        for first in (111, 444, 888)
    ]
    assert lines[0] == lines[1] == lines[2]


def hostile_context(value: str) -> LetterContext:
    base = sample()
    person = Person(name=value, sex="female", citizenship=value, relationship=value, birth_country=value)
    exhibit = ExhibitEntry("A", "a", value, value, 40, 41)
    return replace(
        base,
        petitioner=replace(base.petitioner, name=value),
        beneficiaries=(person,),
        request=replace(base.request, purpose=value, notify_office=value, length=value),
        argument=Argument(need=(Point(value, (Citation("A", 40, 41),)),)),
        exhibits=(exhibit,),
        case_id=value,
        draft_reasons=(value,),
    )


@pytest.mark.parametrize("make", DOCUMENTS)
def test_hostile_values_are_printed_as_typed(make: Callable[[LetterContext], Rendered]) -> None:
    assert HOSTILE in text(make(hostile_context(HOSTILE)))


def squeezed(words: str) -> str:
    return "".join(unicodedata.normalize("NFC", words).split())


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=("C", "Z")) | st.sampled_from(" ŁżЖдЇαΩ“”–—…€")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(LETTERS, min_size=1, max_size=70).filter(lambda value: value.strip(" .")))
def test_any_text_of_a_case_comes_out_of_the_documents_as_it_went_in(value: str) -> None:
    bare = squeezed(value.strip().rstrip("."))
    for make in DOCUMENTS:
        assert bare in squeezed(text(make(hostile_context(value))))


def test_a_word_without_spaces_breaks_and_stays_inside_the_margins() -> None:
    value = "x" * 200
    for make in DOCUMENTS:
        document = make(hostile_context(value))
        pdf = pypdfium2.PdfDocument(document.pdf)
        for page in pdf:
            assert max(right for _, _, right, _ in ink(page)) <= 612 - 72 + 1
        assert value in squeezed(text(document))


def test_a_character_without_a_font_is_named_with_its_template_line() -> None:
    base = sample()
    with pytest.raises(TemplateError) as caught:
        cover_letter(replace(base, argument=Argument(need=(Point("A \N{TEDDY BEAR} B"),))))
    (finding,) = caught.value.findings
    assert re.fullmatch(r"parts/points\.typ\.j2:\d+", finding.where)
    assert finding.message == "no font has the character U+1F9F8 (TEDDY BEAR)"


def test_an_office_adds_its_own_templates_and_assets(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "parts"
    folder.mkdir(parents=True)
    (tmp_path / "logo.txt").write_text("Own mark")
    (folder / "letterhead.typ.j2").write_text('#read("logo.txt")\n', encoding="utf-8")
    words = text(cover_letter(sample(), Office(templates=(tmp_path / "templates",), assets=tmp_path)))
    assert words.startswith("Own mark November 24, 2026")
