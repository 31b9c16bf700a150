"""The documents after the filing, read back from their PDFs: the right sentences for each kind and stage, and nothing that is not known."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.law.facts import Facts
from pipeline.letters.office import LabelStyle, Office, Style
from pipeline.letters.stages import (
    stage_documents,
)
from tests.letters.stage_cases import (
    ABROAD,
    HERE,
    KINDS,
    NOTICE,
    SAMPLE,
    STAGES,
    Change,
    at,
    both,
    documents,
    facts,
    letter,
    made,
    of_kind,
    response,
    stage,
    text,
)

DELCARMEN = "Leaving on advance parole now counts as a departure (Matter of Delcarmen-Lara"
NTA = "USCIS can issue a Notice to Appear in immigration court to a person without status."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STAGES)
def test_nothing_is_left_over_and_everything_is_inside_the_margins(kind: str, name: str) -> None:
    for title, document in documents(kind, name).items():
        words = text(document)
        assert not re.search(r"\bNone\b(?! yet)|\{|\}|\{%|#\(|\\u|Undefined", words.replace("Other names used None", "")), title
        assert not re.search(r" [,.;:)]|\( |,,|\.\.|;;|\(\)|\?\.", words), (title, re.search(r".{20} [,.;:)].{5}", words))
        assert not re.search(r"\b(the|a|an|of|to|for|is|and|in|from) \1\b", words), title
        for page in pypdfium2.PdfDocument(document.pdf):
            assert page.get_size() == (612, 792)
            letters = page.get_textpage()
            boxes = [letters.get_charbox(i) for i in range(letters.count_chars())]
            inked = [box for box in boxes if box[2] - box[0] > 0.1 and box[3] - box[1] > 0.1]
            assert min(box[0] for box in inked) >= 71
            assert max(box[2] for box in inked) <= 541
            assert max(box[3] for box in inked) <= 792 - 70


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STAGES)
def test_a_stage_has_its_documents(kind: str, name: str) -> None:
    wanted = {"client-letter", "client-letter-sources"}
    if name in ("approved", "arrived"):
        wanted |= {"arrival-checklist"}
    if name == "approved" and kind in ABROAD:
        wanted |= {f"ds-160-{of_kind(kind, name).case.data['beneficiaries'][0]['id']}"}
    assert set(documents(kind, name)) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_documents_are_tagged_and_name_their_language_and_title(kind: str) -> None:
    for document in documents(kind, "approved").values():
        with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == "en-US"
            assert str(pdf.docinfo["/Title"])
            with pdf.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"


def test_every_item_of_part_1_has_its_letter() -> None:
    items = {"advance-parole": ["4", *(f"5.{c}" for c in "ABCDEFGHIJKLM")], "parole-in-place": ["8.B", "8.C"]}
    items |= {"program-parole": [f"6.{c}" for c in "ACDE"], "re-parole": [f"10.{c}" for c in "ABCDEFGHI"]}
    for kind, each in items.items():
        for item in each:
            words = letter(at(kind=kind, item=item))
            assert "decides" in words
            assert ("Ms. L. settlement" in words) == (item in ("6.D", "8.B", "10.G"))


def test_two_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.letters.test_letters_stages import at, stage, stage_documents; a = at(stage(name='approved')); "
        "made = stage_documents(a.case, a.facts, a.context); print([hashlib.sha256(d.pdf).hexdigest() for d in made.values()])"
    )
    case = at(stage(name="approved"))
    here = [hashlib.sha256(d.pdf).hexdigest() for d in stage_documents(case.case, case.facts, case.context).values()]
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=SAMPLE.parents[2],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout.strip() == str(here)


@pytest.mark.parametrize(("arrival", "amount"), [("2026-10-15", "$1,020"), ("2026-10-16", "$1,050")])
@pytest.mark.parametrize("kind", [*ABROAD, *HERE])
def test_the_parole_fee_is_that_of_the_day_and_is_not_sent(kind: str, arrival: str, amount: str) -> None:
    def arrive(data: dict[str, Any]) -> None:
        data["request"]["stay"]["arrive_on"] = arrival

    words = letter(at(arrive, kind=kind))
    assert amount in words
    assert re.findall(r"\$1,0\d0", words) == [amount]
    assert re.search(r"(The fee|It) is not sent with the request", words)
    who = "CBP collects the immigration parole fee there" if kind in ABROAD else "Before it approves, USCIS sends a notice to pay"
    assert who in words


@given(departs=st.dates(date(2026, 1, 2), date(2027, 6, 1)), days=st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_traveler_pays_the_fee_of_the_day_of_return(departs: date, days: int) -> None:
    def trip(data: dict[str, Any]) -> None:
        data["request"]["trip"] |= {"departs_on": departs.isoformat(), "days": days, "trips": "one"}

    case = at(trip, kind="advance-parole")
    back = departs + timedelta(days=days - 1)
    amount = "$1,020" if back < date(2026, 10, 16) else "$1,050" if back < date(2027, 10, 1) else "at least $1,050"
    assert case.stage.words["parole_fee"] == amount


@pytest.mark.parametrize(("departs", "told"), [("2027-06-20", "July 3, 2027"), ("2026-10-01", "November 24, 2026")])
def test_of_several_trips_the_fee_of_the_first_return_is_told_as_long_as_it_lies_ahead(departs: str, told: str) -> None:
    def several(data: dict[str, Any]) -> None:
        data["request"]["trip"] |= {"trips": "several", "departs_on": departs, "days": 14}

    assert at(several, kind="advance-parole").stage.words["fee_day"] == told


@pytest.mark.parametrize(
    ("days", "told"), [(None, ""), (0, ""), (180, ""), (181, "three-year bar"), (364, "three-year bar"), (365, "ten-year bar")]
)
def test_a_traveler_is_told_what_the_count_of_unlawful_presence_means(days: int | None, told: str) -> None:
    def counted(data: dict[str, Any]) -> None:
        for person in (data["petitioner"], *data["beneficiaries"]):
            if days is not None:
                person.setdefault("immigration", {})["unlawful_presence_days"] = days
            else:
                person.get("immigration", {}).pop("unlawful_presence_days", None)

    words = letter(at(counted, kind="advance-parole"))
    assert ("Do not travel before an attorney has counted" in words) is (days is None)
    assert (f" {days} days of unlawful presence, which is enough for the {told}. Leaving" in words) is bool(told)
    assert ("is enough for" in words) is bool(told)


def test_after_the_approval_nothing_is_said_of_what_comes_before_it() -> None:
    for kind in HERE:
        words = letter(at(stage(**STAGES["approved"]), kind=kind))
        assert "Before it approves" not in words
        assert "The parole is granted once this fee is paid." in words


def test_without_a_fact_the_fee_is_not_guessed() -> None:
    unknown = at(law=without("parole-fee-fy2027", "parole-fee-fy2026", "parole-fee-2025"))
    words = letter(unknown)
    assert "$1" not in words
    assert "It rises every year" in words


def without(*ids: str) -> Facts:
    """The facts of law without some of them, as an office has them that ended one."""
    return replace(facts(), facts=tuple(fact for fact in facts().facts if fact.id not in ids))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_warned_of_its_own_risk(kind: str) -> None:
    words = letter(of_kind(kind, "prepared"))
    assert (DELCARMEN in words) == (kind == "advance-parole")
    assert (NTA in words) == (kind in HERE)
    assert ("Parole in place does not promise a green card" in words) == (kind in HERE and kind != "re-parole")
    assert ("boarding foil" in words) == (kind in ABROAD)
    assert ("at the port decides" in words) == (kind not in HERE)
    assert "not an admission" in words


def test_travel_with_tps_is_a_question_and_no_claim() -> None:
    words = letter(at(kind="advance-parole", item="4"))
    assert DELCARMEN not in words
    assert "whether that reaches travel with TPS" in words
    assert "whether the parole fee falls due on a return with TPS travel authorization" in words
    assert "$1,050" not in words
    assert "Parole is a matter of discretion" not in words
    assert "a copy of the approval or status that the request rests on" in words
    assert "until when the parole lasts" not in words


def _arrived(*ends: str) -> Change:
    def change(data: dict[str, Any]) -> None:
        data["stage"] = {"name": "arrived"}
        for person, day in zip(data["beneficiaries"], ends, strict=False):
            person["immigration"] = {"entered_on": "2027-01-11", "class_of_admission": "PAR", "i94_expires": day}

    return change


def test_after_arrival_the_last_day_is_that_of_the_i94() -> None:
    asked = "The stay that the request asks for ends on December 31, 2027."
    assert asked in letter(at(stage(name="approved")))
    same = letter(at(_arrived("2027-07-10", "2027-07-10")))
    assert asked not in same
    assert "By the I-94 the parole ends on July 10, 2027." in same
    differing = at(_arrived("2027-07-10", "2027-08-11"))
    named = "July 10, 2027 for Ilario Benedicto Tostabrel and August 11, 2027 for Nerea Luz Tostabrel"
    assert f"By the I-94 the parole ends on {named}." in letter(differing)
    checklist = text(stage_documents(differing.case, differing.facts, differing.context)["arrival-checklist"])
    assert named in checklist
    assert asked not in checklist
    assert "By the I-94" not in letter(at(_arrived("2027-07-10")))


def test_the_end_of_a_short_stay_is_not_spoken_of_half_a_year_before() -> None:
    def brief(data: dict[str, Any]) -> None:
        data["request"]["stay"] |= {"arrive_on": "2026-12-12", "leave_by": "2026-12-26", "length": "2 weeks"}

    assert "six months before the parole ends" in letter(at())
    assert "six months before" not in letter(at(brief))
    assert "speak with us as soon as it shows" in letter(at(brief))
    assert "speak with us as soon as it shows" in letter(at(_arrived("2027-12-31", "2027-07-10")))
    assert "six months before the parole ends" in letter(at(_arrived("2027-12-31", "2027-12-31")))


@pytest.mark.parametrize(("item", "pending"), [("5.A", True), ("5.B", True), ("5.E", False), ("5.G", False), ("5.H", False)])
def test_the_receipt_of_a_pending_case_is_carried_where_there_is_one(item: str, pending: bool) -> None:
    words = letter(at(kind="advance-parole", item=item))
    assert ("the receipt of the pending case" in words) is pending
    assert ("a copy of the approval or status that the request rests on" in words) is not pending


def test_the_letter_says_who_of_several_asks_for_a_work_permit_and_whether_its_fee_is_still_to_be_paid() -> None:
    def two(data: dict[str, Any]) -> None:
        child = data["beneficiaries"][0]
        answers = {"ever_in_proceedings": False, "refugee_status": False, "qualifies_because": "The treatment goes on."}
        data["beneficiaries"] = [{"id": "self", "same_as": "petitioner", "wants_work_permit": True} | answers, child]

    def filed(data: dict[str, Any]) -> None:
        two(data)
        data["stage"] = {"name": "filed"}

    before, after = letter(at(two, kind="re-parole")), letter(at(filed, kind="re-parole"))
    assert "$280, which is paid with the filing. It is asked for you only." in before
    assert "Part 9 of Form I-131. Its fee went with the filing. It is asked for you only." in after
    alone = letter(at(lambda data: data["beneficiaries"][0].update(wants_work_permit=True), kind="re-parole"))
    assert "It is asked for" not in alone


def test_of_several_people_the_letter_names_the_one_whom_the_notice_is_about() -> None:
    def about(data: dict[str, Any]) -> None:
        data["stage"] = {**STAGES["intent-to-deny"], "notice": NOTICE | {"beneficiary": "ilario"}}

    told = letter(at(about))
    assert "dated January 12, 2027. It is about the request for Ilario Benedicto Tostabrel." in told
    assert "It is about the request" not in letter(at(lambda data: data.update(stage=STAGES["intent-to-deny"])))


def test_a_warning_ends_with_its_fact() -> None:
    assert DELCARMEN not in letter(at(kind="advance-parole", law=without("notice-departure-bars")))
    assert NTA not in letter(at(kind="re-parole", law=without("notice-to-appear")))
    assert "deny without asking" not in letter(at(law=without("notice-denial-without-request")))


@pytest.mark.parametrize("place", ["citizenship", "birth"])
def test_countries_of_the_proclamations_are_told_and_others_are_not(place: str) -> None:
    def haiti(data: dict[str, Any]) -> None:
        one = data["beneficiaries"][1]
        one.update(citizenship="Haiti") if place == "citizenship" else one["birth"].update(country="Haiti")

    words = letter(at(haiti))
    assert "Proclamations 10949 and 10998 restrict entry for citizens of some countries, Haiti among them." in words
    assert "A hold on decisions for citizens and natives of some countries, Haiti among them," in words
    assert not re.search("Proclamation|hold on decisions", letter(at()))
    assert "Ask us how Proclamations 10949" in made(at(both(haiti, stage(name="approved"))), "arrival-checklist")
    assert "Proclamation" not in made(at(stage(name="approved")), "arrival-checklist")


@given(born=st.dates(date(1930, 1, 1), date(2026, 11, 24)), day=st.dates(date(2026, 11, 24), date(2030, 1, 1)))
@settings(max_examples=150, deadline=None)
def test_biometrics_are_for_people_from_14_to_79(born: date, day: date) -> None:
    def dated(data: dict[str, Any]) -> None:
        data["prepared_on"] = day.isoformat()
        data["beneficiaries"][0]["date_of_birth"] = born.isoformat()

    def birthday(age: int) -> date:
        try:
            return born.replace(year=born.year + age)
        except ValueError:
            return date(born.year + age, 3, 1)

    named = at(dated).stage.words["biometrics_people"]
    assert ("Ilario" in named) == (birthday(14) <= day < birthday(80))
    assert "Nerea" in named


def test_the_letter_says_nobody_is_of_age_when_so() -> None:
    def children(data: dict[str, Any]) -> None:
        for one in data["beneficiaries"]:
            one["date_of_birth"] = "2020-01-01"

    words = letter(at(children))
    assert "Nobody in this request is of that age today." in words
    assert "If a notice names an appointment all the same, keep it." in words
    assert "Keep the appointment that the notice names." not in words


def test_with_a_representative_it_is_a_letter_and_without_one_a_page_of_notes() -> None:
    words = letter(at())
    assert words.startswith("Ravensholt Law Office Imogen P Ravensholt")
    assert "Dear Marisolda Ivette Quennevar:" in words
    assert words.endswith("Sincerely, Imogen P Ravensholt Ravensholt Law Office 2 of 2")
    alone = letter(at(lambda data: data.pop("representative")))
    assert alone.startswith("What happens next November 24, 2026")
    assert not re.search(r"\b(us|we|our|We|this office)\b", alone)
    assert "an immigration attorney or accredited representative" in alone


@pytest.mark.parametrize(
    ("name", "sentence", "gone"),
    [
        ("prepared", "These pages say what happens after it is filed", "has been filed"),
        ("filed", "The request has been filed.", "being put together"),
        ("request-for-evidence", "USCIS sent a request for evidence, dated January 12, 2027.", "1. Receipt"),
        ("intent-to-deny", "USCIS sent a notice of intent to deny, dated January 12, 2027.", "1. Receipt"),
        ("approved", "USCIS has approved the request.", "Biometrics"),
        ("arrived", "The parole has begun.", "boarding foil"),
    ],
)
def test_the_letter_begins_where_the_case_stands(name: str, sentence: str, gone: str) -> None:
    words = letter(at(stage(**STAGES[name])))
    assert sentence in words
    assert gone not in words


def test_the_due_date_is_the_printed_one_and_the_target_a_week_before() -> None:
    words = letter(response())
    assert "The response must be at USCIS by March 30, 2027." in words
    assert "We want it to arrive by March 23, 2027, a week earlier." in words


@given(st.dates(date(2026, 11, 24), date(2030, 1, 1)), st.dates(date(2026, 11, 24), date(2030, 1, 1)))
@settings(max_examples=30, deadline=None)
def test_the_due_date_never_depends_on_the_date_of_the_notice(dated: date, due: date) -> None:
    case = at(stage(name="request-for-evidence", notice=NOTICE | {"dated": dated.isoformat(), "due": due.isoformat()}))
    assert case.stage.notice
    assert case.stage.notice.due == due
    assert (due - case.stage.notice.target).days == 7


@pytest.mark.parametrize(
    ("kind", "item", "title"),
    [
        ("advance-parole", "4", "TPS travel authorization, for"),
        ("advance-parole", "5.A", "Advance parole with a pending I-485, for"),
        ("re-parole", "10.C", "A further period of parole, for"),
    ],
)
def test_the_letter_names_what_is_asked_for(kind: str, item: str, title: str) -> None:
    assert title in made(at(kind=kind, item=item), "client-letter")


def test_receipts_are_listed_by_person() -> None:
    case = at(stage(name="filed", receipts=[{"beneficiary": "nerea", "number": "IOE0915550105"}]))
    assert "Person Receipt number Nerea Luz Tostabrel IOE0915550105" in letter(case)


def test_many_people_are_counted() -> None:
    def many(data: dict[str, Any]) -> None:
        data["beneficiaries"] += [data["beneficiaries"][1] | {"id": f"more-{n}"} for n in range(4)]

    case = at(many)
    assert case.stage.words["people"] == "the six people of this request"
    assert "for the six people of this request" in letter(case)


def claims(data: dict[str, Any]) -> None:
    cited = [{"exhibit": "surgeon-letter"}, {"exhibit": "cardiologist-letter", "pages": "1"}]
    data["beneficiaries"][0]["parole_fee_exception"] = {"exception": "medical-emergency", "because": "No treatment.", "exhibits": cited}


def test_claimed_exceptions_name_person_exception_and_exhibits() -> None:
    for name in ("client-letter", "arrival-checklist"):
        words = made(at(both(claims, stage(name="approved"))), name)
        assert "Ilario Benedicto Tostabrel A medical emergency that cannot be treated where the person lives" in words
        assert "G and E" in words
        assert "The request claims none" not in words
    assert "The request claims none. Ask us" in letter(at())
    tabs = Office(style=Style(labels=LabelStyle.TABS))
    case = at(claims)
    assert "Tab 7 and Tab 5" in text(stage_documents(case.case, case.facts, case.context, tabs)["client-letter"])
