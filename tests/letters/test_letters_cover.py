"""Cover letters of every filing kind: who asks what, under which box, for which period; and what is left unsaid."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.case.model import Case
from pipeline.case.schema import read_case
from pipeline.letters.checking.prose import read
from pipeline.letters.context import Fee, LetterContext
from pipeline.letters.documents import checklist, cover_letter, evidence_index
from pipeline.letters.office import OURS, Style
from pipeline.letters.people import EarlierRequest, Person
from pipeline.letters.request import Replacement
from pipeline.letters.statements import petitioner_declaration
from pipeline.letters.wording import in_words
from pipeline.packet.proofs.specimens import specimen
from tests.letters.reading import SAMPLES, base_specimen, sample_specimen, smallest, words

IN_PLACE = "under section 212(d)(5)(A) of the Immigration and Nationality Act (INA)"


def says(context: LetterContext) -> str:
    return words(cover_letter(context))


def test_advance_parole_names_the_pending_case_and_the_trip() -> None:
    letter = says(base_specimen("advance-parole").context)
    for part in (
        "Re: Request for an Advance Parole Document under INA 212(d)(5)(A) Form I-131, Part 1, item 5.A",
        "Receipt number (Form I-485): IOE0912345678 Applicant: Ilvano Tarabess, born July 8, 1991, in Honduras, A-Number A240155501",
        "He asks USCIS to issue an Advance Parole Document under section 212(d)(5)(A) of the Immigration and Nationality Act (INA), based "
        "on a pending Form I-485, Application to Register Permanent Residence or Adjust Status.",
        "plans to leave the United States on June 1, 2027, and to visit Honduras. One trip is planned. It is expected to last 20 days.",
        "Purpose of the trip: To see an ill mother. The trip is for a family emergency.",
        "to issue the Advance Parole Document in time for the departure on June 1, 2027.",
    ):
        assert part in letter
    for word in ("Parole is requested", "DHS may parole", "ordinary visa processing", "It serves"):
        assert word not in letter


def test_travel_with_daca_names_the_purpose_that_it_serves() -> None:
    assert "The trip serves a humanitarian purpose: a family emergency." in says(base_specimen("advance-parole-daca").context)
    both = says(base_specimen("advance-parole-daca", reasons=["education", "medical", "humanitarian"]).context)
    assert "The trip serves an educational purpose and a humanitarian purpose: medical treatment." in both
    alone = says(base_specimen("advance-parole-daca", reasons=["humanitarian"]).context)
    assert "humanitarian reasons" not in alone
    assert "The trip serves" not in says(base_specimen("advance-parole-daca", reasons=["other"]).context)


def test_tps_travel_has_its_own_document_and_statute() -> None:
    letter = says(smallest("advance-parole", "4"))
    assert "Request for a TPS Travel Authorization Document under INA 244(f)(3)" in letter
    assert "to issue a TPS Travel Authorization Document to my nephew" in letter
    assert "212(d)(5)" not in letter


def test_a_form_in_the_same_package_has_no_receipt() -> None:
    base = base_specimen("advance-parole").context
    letter = says(replace(base, request=replace(base.request, receipt=None, filed_with="I-485")))
    basis = "based on the Form I-485, Application to Register Permanent Residence or Adjust Status, that is filed in the same package."
    assert basis in letter
    assert letter.count("same package") == 1
    assert "pending Form" not in letter
    assert "Receipt number" not in letter
    assert "based on a pending Form I-485" in says(base)


def test_several_trips_and_a_replaced_document() -> None:
    base = base_specimen("advance-parole").context
    assert base.request.trip
    trip = replace(base.request.trip, trips="several", days=1, countries=("Honduras", "Philippines", "Dominican Republic"))
    replacement = Replacement("wrong-by-agency", ("name", "photo"), "the given name lacks a letter", "IOE0915550103")
    letter = says(replace(base, request=replace(base.request, trip=trip, replacement=replacement)))
    assert "Honduras, the Philippines, and the Dominican Republic. More than one trip is planned. Each is expected to last 1 day." in letter
    assert (
        "The document has incorrect information because of an error that others made. To be corrected: the name and the photo. "
        "The given name lacks a letter. It was issued on the Form I-131 with receipt number IOE0915550103." in letter
    )


def test_military_parole_in_place_names_the_sub_box_and_the_entry() -> None:
    letter = says(base_specimen("military-parole-in-place").context)
    assert "item 8.A(2), for a spouse, parent, son, or daughter of a current or former service member" in letter
    assert f"He asks USCIS to grant him parole in place {IN_PLACE}. He last" in letter
    assert "He last entered the United States on May 1, 2012, without being inspected and admitted." in letter
    assert "to grant him parole in place under INA 212(d)(5)(A), until February 28, 2028." in letter
    assert "Parole in place is requested from March 1, 2027, to February 28, 2028, a period of 1 year." in letter


def test_parole_in_place_for_others_says_once_what_is_the_same() -> None:
    letter = says(sample_specimen("parole-in-place").context)
    assert (
        "to grant parole in place to her father, Nivaldo Tarcisio Caxambrel, and her mother, Eliete Caxambrel, both citizens of" in letter
    )
    assert "Both last entered the United States on April 3, 2000, without being inspected and admitted." in letter
    assert letter.count("last entered the United States") == 1


def test_a_parolee_is_not_said_to_have_come_without_inspection() -> None:
    base = base_specimen("parole-in-place").context
    person = replace(base.petitioner, class_of_admission="PAR")
    assert not person.came_unseen
    letter = says(replace(base, petitioner=person, beneficiaries=(person,)))
    assert "last entered the United States on May 1, 2012." in letter
    assert "inspected" not in letter


@pytest.mark.parametrize(
    ("item", "line", "sentence"),
    [
        (
            "6.A",
            "item 6.A: Filipino World War II Veterans Parole (FWVP) Program Receipt number (Form I-130): ",
            "under the Filipino World War",
        ),
        (
            "6.B",
            "item 6.B(2): Immigrant Military Members and Veterans Initiative (IMMVI) For a current spouse, child",
            "under the Immigrant Mil",
        ),
        (
            "6.C",
            "Intergovernmental Parole Referral Form I-131, Part 1, item 6.C Referred by: Bureau of",
            "on an intergovernmental parole referral",
        ),
        (
            "6.D",
            "item 6.D: Family Reunification Task Force (FRTF) Process Task Force Registration Number: FRT0",
            "under the Family Reunification",
        ),
        ("6.E", "item 6.E: Cooperative shipping program", "under the Cooperative shipping program and section 212(d)(5)(A)"),
    ],
)
def test_parole_under_a_program_names_it(item: str, line: str, sentence: str) -> None:
    letter = says(smallest("program-parole", item))
    assert line in letter
    assert sentence in letter


def test_re_parole_says_how_parole_began_and_when_it_ends() -> None:
    letter = says(base_specimen("re-parole").context)
    assert "He asks USCIS for a new period of parole (re-parole) under section 212(d)(5)(A)" in letter
    assert "His present parole ends on April 1, 2027, as Form I-94 No. 01555110101 shows." in letter
    assert "He also asks for an Employment Authorization Document upon approval (Form I-131, Part 9)." in letter
    assert "2. Why a visa is not available" in letter
    other = says(smallest("re-parole", "10.H"))
    assert "Marisolda Quennevar was first granted military parole in place." in other
    assert "She was" not in other
    assert "The request is made under the Re-parole Process for certain Ukrainian Citizens" in says(smallest("re-parole", "10.C"))
    assert "first" not in says(smallest("re-parole", "11"))


def test_a_parole_that_has_ended_is_told_as_ended() -> None:
    base = base_specimen("re-parole").context
    ended = replace(base.beneficiaries[0], i94_ends=base.day - timedelta(days=1))
    assert "His parole ended on November 23, 2026, as Form I-94 No. 01555110101 shows." in says(replace(base, beneficiaries=(ended,)))
    today = replace(ended, i94_ends=base.day)
    assert "His present parole ends on November 24, 2026" in says(replace(base, beneficiaries=(today,)))


def test_re_parole_for_several_names_each() -> None:
    base = base_specimen("re-parole").context
    own = base.beneficiaries[0]
    other = replace(own, name="Ada Tarabess", relationship="daughter", sex="female", i94_ends=date(2027, 5, 1), i94_number=None)
    letter = says(replace(base, beneficiaries=(own, other)))
    assert "for a new period of parole (re-parole) for himself and his daughter, Ada Tarabess, under section" in letter
    assert "Ada Tarabess's present parole ends on May 1, 2027." in letter
    assert "Ilvano Tarabess and Ada Tarabess also ask for Employment Authorization Documents upon approval" in letter


def test_oneself_and_two_others_are_one_list_of_three() -> None:
    base = base_specimen("re-parole").context
    own = base.beneficiaries[0]
    others = tuple(replace(own, name=f"{given} Tarabess", relationship="daughter", sex="female") for given in ("Ada", "Bea"))
    three = replace(base, beneficiaries=(own, *others))
    assert "to grant a new period of parole to him, Ada Tarabess, and Bea Tarabess under INA 212(d)(5)(A)" in says(three)
    assert "As petitioner for myself, Ada Tarabess, and Bea Tarabess, I sign the Forms I-131." in words(petitioner_declaration(three))


def test_a_petitioner_without_representative_asks_for_re_parole_in_the_first_person() -> None:
    base = base_specimen("re-parole").context
    own = base.beneficiaries[0]
    other = replace(own, name="Ada Tarabess", relationship="daughter", sex="female", i94_ends=date(2027, 5, 1), i94_number=None)
    both = replace(base, beneficiaries=(own, other), representative=None, request=replace(base.request, item="10.H"))
    letter = says(both)
    assert "I ask USCIS for a new period of parole (re-parole) for myself and my daughter, Ada Tarabess, under section" in letter
    assert "The other beneficiary and I were first granted military parole in place. My present parole ends on April 1, 2027" in letter
    assert "Ada Tarabess's present parole ends on May 1, 2027. Ada Tarabess and I also ask for Employment Authorization Documents" in letter
    assert "Ilvano Tarabess's" not in letter
    hers = says(
        replace(both, petitioner=replace(own, wants_work_permit=False), beneficiaries=(replace(own, wants_work_permit=False), other))
    )
    assert "Ada Tarabess also asks for an Employment Authorization Document" in hers
    mine = says(replace(both, beneficiaries=(own, replace(other, wants_work_permit=False))))
    assert "I also ask for an Employment Authorization Document" in mine


def test_the_only_beneficiary_of_re_parole_is_named_apart_from_the_petitioner() -> None:
    base = base_specimen("re-parole").context
    other = replace(base.beneficiaries[0], name="Ada Tarabess", relationship="daughter", sex="female")
    for representative in (base.representative, None):
        letter = says(replace(base, beneficiaries=(other,), self_filed=False, representative=representative))
        assert "Ada Tarabess's present parole ends on April 1, 2027" in letter
        assert "Ada Tarabess also asks for an Employment Authorization Document" in letter
        assert "Her present parole" not in letter


def test_a_petitioner_without_representative_tells_of_trip_and_entry_in_the_first_person() -> None:
    base = base_specimen("advance-parole").context
    other = replace(base.beneficiaries[0], name="Ada Tarabess", relationship="daughter")
    travel = says(replace(base, beneficiaries=(base.beneficiaries[0], other), representative=None))
    assert "The other beneficiary and I plan to leave the United States on" in travel
    place = base_specimen("parole-in-place").context
    own = place.beneficiaries[0]
    entries = says(replace(place, beneficiaries=(own, replace(own, name="Ada Tarabess", entered_on=date(2013, 6, 2))), representative=None))
    assert "I last entered the United States on May 1, 2012" in entries
    assert "Ada Tarabess last entered the United States on June 2, 2013" in entries


def test_the_work_permit_has_a_payment_of_its_own() -> None:
    letter = says(sample_specimen("re-parole").context)
    assert "The filing fee for the employment authorization document is $280. It is paid with the enclosed Form G-1650." in letter


def test_reasons_are_told_in_words_and_other_is_not() -> None:
    one = base_specimen("urgent-humanitarian").context
    assert "1. Urgent humanitarian reason The humanitarian reason for this request is medical treatment." in says(one)
    two = says(replace(one, request=replace(one.request, reasons=("funeral", "family-need"))))
    assert "The humanitarian reasons for this request are the funeral of a relative and an urgent family need." in two
    harm = says(replace(one, request=replace(one.request, reasons=("targeted-harm",))))
    assert "Where a person is a refugee, INA 212(d)(5)(B) asks for compelling reasons in the public interest" in harm
    assert "212(d)(5)(B)" not in two
    none = says(replace(one, request=replace(one.request, reasons=("other",))))
    assert "1. Urgent humanitarian reason The operation" in none


def test_expedite_is_marked_only_where_it_is_asked_with_the_filing() -> None:
    assert "EXPEDITE REQUESTED" in says(sample_specimen("urgent-humanitarian").context)
    online = sample_specimen("urgent-humanitarian").context
    letter = says(replace(online, filing=replace(online.filing, mode="online", carrier=None, address=None, delivery=None)))
    assert "EXPEDITE" not in letter
    assert "out of turn" not in letter
    travel = sample_specimen("advance-parole").context
    assert travel.request.expedite
    letter = says(travel)
    assert "EXPEDITE" not in letter
    assert "out of turn" not in letter


def test_a_claim_on_the_parole_fee_is_told_with_its_proof() -> None:
    letter = says(sample_specimen("advance-parole").context)
    assert "No immigration parole fee is sent with this request. When it is collected, this exception will be claimed." in letter
    assert "An applicant for adjustment of status who returns from temporary travel, 8 U.S.C. 1804(b)(7). My Form I-485" in letter


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        (("t-nonimmigrant", "t-nonimmigrant"), "each beneficiary is seeking or has T nonimmigrant status."),
        (
            ("t-nonimmigrant", "vawa"),
            "Ilario Benedicto Tostabrel is seeking or has T nonimmigrant status and Nerea Luz Tostabrel is a VAWA self-petitioner or",
        ),
    ],
)
def test_an_exemption_from_the_fee_speaks_of_everybody(claimed: tuple[str, str], reason: str) -> None:
    data = read_case(SAMPLES / "urgent-humanitarian" / "case.json").data
    people = [{**person, "fee_exemption": name} for person, name in zip(data["beneficiaries"], claimed, strict=True)]
    letter = says(specimen(Case(Path("case.json"), {**data, "beneficiaries": people}), "exempt").context)
    assert f"No filing fee is due because {reason}" in letter


def test_a_fee_of_nothing_that_nobody_read_in_the_fee_schedule_is_said_with_care_and_to_be_confirmed() -> None:
    paid, confirm = (
        "No filing fee is enclosed, since none is known to be due for this request.",
        "Confirm that in the fee schedule, Form G-1055, on the day",
    )
    context = sample_specimen("military-parole-in-place").context
    assert paid in says(context)
    assert "Form G-1055" not in says(context)
    assert f"{paid} {confirm} of filing." in words(checklist(context, OURS))
    data = read_case(SAMPLES / "military-parole-in-place" / "case.json").data
    given = {**data["filing"], "fee": {"amount": 0, "source": "Form G-1055", "read_on": "2026-11-20"}}
    told = specimen(Case(Path("case.json"), {**data, "filing": given}), "given").context
    assert "No filing fee is due because none is set for this request." in says(told)
    assert confirm not in words(checklist(told, OURS))


def test_the_forms_that_pay_or_ask_for_a_waiver_are_among_what_is_enclosed() -> None:
    data = read_case(SAMPLES / "urgent-humanitarian" / "case.json").data

    def enclosed(**filing: str) -> str:
        case = Case(Path("case.json"), {**data, "filing": {**data["filing"], **filing}})
        return says(specimen(case, "paid").context).partition("What is enclosed")[2]

    assert enclosed(payment="card").startswith(" • Form G-1450, Authorization for Credit Card Transactions (2) • Form G-1145")
    assert enclosed(payment="bank").startswith(" • Form G-1650, Authorization for ACH Transactions (2) • Form G-1145")
    assert enclosed(payment="waiver").startswith(" • Form I-912, Request for Fee Waiver • Form G-1145")
    own = says(sample_specimen("re-parole").context)
    assert "Form G-1650, Authorization for ACH Transactions (2)" in own
    answer = sample_specimen("response").context
    assert not [one.title for one in answer.enclosures if one.title.startswith("Form ")]


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (2, "for the other request is $630. It is paid with the enclosed Form G-1450."),
        (3, "is $630 for each of the two other requests, $1,260 in all. It is paid with two Forms G-1450, one for each request."),
    ],
)
def test_who_is_exempt_is_named_where_others_pay(count: int, told: str) -> None:
    data = read_case(SAMPLES / "urgent-humanitarian" / "case.json").data
    first, second = data["beneficiaries"]
    third = {**first, "id": "third", "name": {"family": "Tostabrel", "given": "Amaro"}}
    people = [first, {**second, "fee_exemption": "vawa"}, third][:count]
    context = specimen(Case(Path("case.json"), {**data, "beneficiaries": people}), "exempt").context
    because = "because Nerea Luz Tostabrel is a VAWA self-petitioner or derivative."
    assert f"No filing fee is due for one of the {in_words(count)} requests {because} The filing fee {told}" in says(context)
    assert f"No filing fee is due for one request {because}" in words(checklist(context, OURS))
    waived = replace(context, filing=replace(context.filing, fee=Fee(630, 1, waiver=True)))
    assert "A waiver of the filing fee for the other request is requested on the enclosed Form I-912." in says(waived)


def test_pages_of_one_exhibit_are_cited_under_its_label_once() -> None:
    assert "he has no criminal record. (Ex. B, pp. 47-48; Ex. J, pp. 81, 83)" in says(sample_specimen("significant-public-benefit").context)


def test_an_online_filing_is_sent_and_paid_in_the_account() -> None:
    base = sample_specimen("significant-public-benefit").context
    letter = says(base)
    assert "Through the USCIS online account" in letter
    assert "The filing fee is $580. It is paid through the online account." in letter
    two = replace(base, filing=replace(base.filing, fee=Fee(580, 2)))
    assert "for each of the two requests, $1,160 in all. It is paid through the online account." in says(two)


def test_the_representative_signs_in_their_own_capacity() -> None:
    assert "Accredited representative for Xiadani Rocibel Harwelstrom" in says(sample_specimen("military-parole-in-place").context)
    assert "Attorney for" in says(sample_specimen("parole-in-place").context)
    assert "Applicant Enclosures" in says(sample_specimen("re-parole").context)


def test_a_name_that_ends_with_a_full_stop_ends_a_sentence_once() -> None:
    base = sample_specimen("urgent-humanitarian").context
    person = Person(name="Oswin Quennevar Jr.", sex="male", earlier_requests=(EarlierRequest("I-130", "pending"),))
    for document in (cover_letter, evidence_index):
        assert ".." not in words(document(replace(base, petitioner=person, representative=None, beneficiaries=(person,))))


@pytest.mark.parametrize("name", ["advance-parole", "re-parole", "urgent-humanitarian", "program-parole"])
def test_the_signature_never_stands_on_a_page_alone(name: str) -> None:
    base = sample_specimen(name).context
    for count in range(0, 24, 3):  # remarks push the end of the letter over the foot of a page
        pages = read(cover_letter(replace(base, remarks=("A line of the office.",) * count)).pdf, Style()).pages
        (last,) = (page for page in pages if "Respectfully submitted," in page)
        assert "Please direct any question" in last
