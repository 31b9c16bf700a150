"""The data sheet, the arrival checklist and the answer to a notice, and what the schema says of a stage."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.case.model import Case
from pipeline.case.schema import schema_findings
from pipeline.letters.documents import cover_letter
from pipeline.letters.stages import (
    response_checklist,
    stage_documents,
)
from pipeline.letters.statements import petitioner_declaration
from tests.letters.stage_cases import (
    ANSWERS,
    NOTICE,
    SAMPLE,
    Change,
    answered,
    at,
    both,
    letter,
    made,
    response,
    squeezed,
    stage,
    text,
)

HOSTILE = '#read("/etc/passwd") {{ 7*7 }} {adviser} <b>'


def test_the_data_sheet_has_what_the_case_has() -> None:
    def known(data: dict[str, Any]) -> None:
        refused = {"visa": "B-2", "where": "Tegucigalpa", "applied_on": "2026-08-19", "outcome": "refused"}
        data["beneficiaries"][1]["immigration"] = {"visa_applications": [refused], "earlier_requests": []}
        data["beneficiaries"][0]["other_names"] = []

    receipts = [{"beneficiary": "nerea", "number": "IOE0915550105"}]
    case = at(both(known, stage(name="approved", receipts=receipts)))
    sheets = stage_documents(case.case, case.facts, case.context)
    words = text(sheets["ds-160-nerea"])
    for part in (
        "Family name Tostabrel Given names Nerea Luz Full name in the letters of the home country Other names used Nerea Luz Amarindo",
        "Sex Female Marital status Widowed Date of birth November 2, 1990 City of birth La Esperanza",
        "Number H0155502 Book number",
        "Valid until August 30, 2029",
        "Home address Barrio El Parnaso, Casa 31, Siguatepeque, Comayagua, 12111, Honduras Mailing address The same Phone 504-555-0117",
        "Why the person travels Parole: open-heart surgery",
        "Day of arrival, as planned January 11, 2027",
        "Who travels with the person Ilario Benedicto Tostabrel",
        "Name Marisolda Ivette Quennevar Relationship Sister-in-law of the beneficiary",
        "Address 4820 Larkmere Avenue, Apt. 12B, Houston, TX 77036",
        "Visas asked for, and what came of it B-2, Tegucigalpa, August 19, 2026: refused",
        "Petitions and requests for the person None",
        "Receipt number of this request IOE0915550105",
        "Ask the U.S. post in Tegucigalpa, Honduras, first whether it wants Form DS-160.",
    ):
        assert part in words
    other = text(sheets["ds-160-ilario"])
    assert "Other names used None" in other
    assert "Who travels with the person Nerea Luz Tostabrel" in other
    assert "None Petitions" not in other
    assert "IOE0915550105" not in other


def test_a_person_who_asks_for_themself_names_a_supporter_or_nobody() -> None:
    def self_filed(data: dict[str, Any]) -> None:
        data["petitioner"] = {key: value for key, value in data["beneficiaries"][1].items() if key in data["petitioner"]} | {
            "status": "none"
        }
        data["beneficiaries"] = [{"id": "nerea", "same_as": "petitioner", "ever_in_proceedings": False, "refugee_status": False}]
        data["beneficiaries"][0]["qualifies_because"] = "Need."
        data["supporters"] = []

    sheet = made(at(both(self_filed, stage(name="approved"))), "ds-160-nerea")
    assert "Contact in the United States Name Relationship Address Phone Email" in sheet


def test_who_takes_the_mail_in_is_no_second_addressee() -> None:
    def cared_for(data: dict[str, Any]) -> None:
        for person, name in ((data["petitioner"], "Oswin Quennevar"), (data["beneficiaries"][1], "c/o Dario Amarindo")):
            person["mailing_address"] = {**person["mailing_address"], "in_care_of": name}

    case = at(both(cared_for, stage(name="approved")))
    assert "My mailing address is c/o Oswin Quennevar, 4820" in text(petitioner_declaration(case.context))
    assert "Quennevar c/o Oswin Quennevar 4820" in made(case, "client-letter")
    assert "Quennevar c/o Oswin Quennevar 4820" in text(cover_letter(replace(case.context, representative=None)))
    assert "address c/o Dario Amarindo, " in made(case, "ds-160-nerea")


def test_the_data_sheet_puts_a_relationship_into_a_sentence() -> None:
    def unsupported(data: dict[str, Any]) -> None:
        data["supporters"] = []
        data["beneficiaries"][0]["relationship_to_petitioner"] = "Nephew"

    sheet = made(at(both(unsupported, stage(name="approved"))), "ds-160-ilario")
    assert "The traveler is the nephew of this person" in sheet


def test_the_record_is_compared_with_passport_and_request() -> None:
    def known(data: dict[str, Any]) -> None:
        data["beneficiaries"][0]["immigration"] = {"class_of_admission": "PAR", "i94_number": "055501234A5", "i94_expires": "2027-11-30"}

    before, after = (made(at(both(known, stage(name=name))), "arrival-checklist") for name in ("approved", "arrived"))
    assert "Last day December 31, 2027, as asked for" in before
    assert "055501234A5" not in before
    assert "Number of the I-94 055501234A5 Class Parole PAR" in after
    assert "Last day December 31, 2027, as asked for November 30, 2027" in after
    assert "Before boarding" in before
    assert "Before boarding" not in after


def test_the_response_answers_in_order_with_pages_and_links() -> None:
    case = response(NOTICE | {"beneficiary": "ilario", "address": ["USCIS", "P.O. Box 5550100"]})
    document = answered(case)
    words = text(document)
    for part in (
        "November 24, 2026 USCIS P.O. Box 5550100 Re: Response to the request for evidence of January 12, 2027",
        "Receipt number IOE0915550104",
        "Form I-131, Part 1, item 7 Petitioner: Marisolda Ivette Quennevar",
        "Beneficiary: Ilario Benedicto Tostabrel, born June 9, 2015, in Honduras",
        "Response due by March 30, 2027, as the notice says Dear Officer:",
        "1. Evidence of who pays The hospital does. (Ex. G, pp. 120-121)",
        "2. Evidence of need The cardiologist gives it. (Ex. E, pp. 100-101; Ex. F, pp. 110-111)",
        "We ask USCIS to weigh this evidence together with the record and to grant the request.",
    ):
        assert part in words
    assert "Nerea" not in words
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        links = [str(note.A.URI) for page in pdf.pages for note in page.get("/Annots", [])]
    assert links == ["packet:page/120", "packet:page/100", "packet:page/110"]


def test_a_response_about_everyone_names_everyone_and_a_petitioner_speaks_for_herself() -> None:
    case = response()
    words = text(answered(case))
    assert "Ilario Benedicto Tostabrel, born" in words
    assert "Nerea Luz Tostabrel, born" in words
    own = at(both(stage(name="intent-to-deny", notice=NOTICE, answers=ANSWERS), lambda data: data.pop("representative")))
    alone = text(answered(own))
    assert "I answer the notice of intent to deny of January 12, 2027." in alone
    assert "I ask USCIS to weigh" in alone
    assert not re.search(r"\b(We|office)\b", alone)


def test_the_response_checklist_has_the_dates_and_says_when_the_target_has_passed() -> None:
    case = response()
    assert case.stage.notice
    words = text(response_checklist(case.context, case.stage, case.stage.notice))
    assert "Must be at USCIS by March 30, 2027, as the notice prints it Our target March 23, 2027, seven days earlier" in words
    assert "The case gives no address. Take it from the notice." in words
    assert "at most 12 weeks" in words
    assert "The target has passed." not in words
    late = replace(case.context, day=date(2027, 3, 24))
    assert "The target has passed." in text(response_checklist(late, case.stage, case.stage.notice))
    denial = at(stage(name="intent-to-deny", notice=NOTICE, answers=ANSWERS))
    assert denial.stage.notice
    assert "at most 30 days" in text(response_checklist(denial.context, denial.stage, denial.stage.notice))


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("C", "Z")) | st.sampled_from(' #"{}[]$\\')


def hostile(value: str) -> Change:
    def change(data: dict[str, Any]) -> None:
        for person in (data["petitioner"], *data["beneficiaries"]):
            person["name"]["given"] = value
            person["mailing_address"]["street"] = value
        data["request"]["notify_office"]["city"] = value
        data["request"]["purpose"] = value

    return change


@settings(max_examples=15, deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=30).filter(lambda value: value == value.strip() and value.strip(" .")))
def test_any_text_of_a_case_is_printed_as_typed(value: str) -> None:
    said = [{"asked": value, "text": value, "exhibits": []}]
    case = at(both(hostile(value), stage(name="request-for-evidence", notice=NOTICE, answers=said)))
    everything = [answered(case), *stage_documents(case.case, case.facts, case.context).values()]
    approved = at(both(hostile(value), stage(name="approved")))
    everything += stage_documents(approved.case, approved.facts, approved.context).values()
    for document in everything:
        words = squeezed(text(document))
        assert squeezed(value.rstrip(".")) in words or "Sourcesoftheletter" in words


def test_words_of_a_case_are_not_read_as_words_of_a_sentence() -> None:
    words = letter(at(hostile(HOSTILE)))
    assert HOSTILE in words
    assert "49" not in words.replace("10949", "")


@pytest.mark.parametrize(
    ("given_stage", "message"),
    [
        ({"name": "request-for-evidence"}, "/stage/notice"),
        ({"name": "filed", "notice": NOTICE}, "/stage/notice"),
        ({"name": "filed", "answers": ANSWERS}, "/stage/answers"),
        ({"name": "approved", "receipts": [{"beneficiary": "ilario", "number": "123"}]}, "/stage/receipts/0/number"),
        ({"name": "denied"}, "/stage/name"),
        ({"name": "request-for-evidence", "notice": NOTICE | {"due": "in March"}}, "/stage/notice/due"),
        ({"name": "request-for-evidence", "notice": NOTICE | {"deu": "2027-01-01"}}, "/stage/notice/deu"),
    ],
)
def test_a_wrong_stage_is_one_finding_at_its_place(given_stage: dict[str, Any], message: str) -> None:
    data = dict(at().case.data) | {"stage": given_stage}
    (finding,) = schema_findings(Case(SAMPLE, data))
    assert finding.where.endswith(message)


def test_a_notice_needs_neither_answers_nor_address_nor_person() -> None:
    for notice in (NOTICE, NOTICE | {"beneficiary": "ilario", "address": ["USCIS", "P.O. Box 5550100"]}):
        data = dict(at().case.data) | {"stage": {"name": "intent-to-deny", "notice": notice}}
        assert schema_findings(Case(SAMPLE, data)) == []
