"""What people sign beside the forms: the oath for the place, facts in the first person, blanks for ink."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.letters.context import ExhibitEntry, LetterContext, PartEntry, Translator
from pipeline.letters.documents import Rendered
from pipeline.letters.people import EarlierRequest, Interpreter, Person, SupportEntry, VisaApplication
from pipeline.letters.statements import (
    certified,
    expedite_request,
    fee_exception,
    packet_certificates,
    petitioner_declaration,
    statement_documents,
    supporter_declaration,
    translator_certificates,
)
from tests.letters.reading import base_specimen, sample_specimen, smallest, words

HERE = "I declare under penalty of perjury that the foregoing is true and correct."
ABROAD = "I declare under penalty of perjury under the laws of the United States of America that the foregoing is true and correct."


def sample() -> LetterContext:
    return sample_specimen("urgent-humanitarian").context


def supporter(context: LetterContext, **more: object) -> Rendered:
    changes: dict[str, object] = more
    return supporter_declaration(context, replace(context.support[0], **changes))


@pytest.mark.parametrize(
    ("here", "oath", "place"), [(True, HERE, "city and state"), (False, ABROAD, "city and country"), (None, ABROAD, "city")]
)
def test_the_oath_is_that_of_the_place(here: bool | None, oath: str, place: str) -> None:
    person = replace(sample().petitioner, in_united_states=here)
    declaration = words(petitioner_declaration(replace(sample(), petitioner=person)))
    assert oath in declaration
    assert place in declaration
    assert (ABROAD in declaration) is (here is not True)


def test_the_place_follows_from_the_address_in_the_case() -> None:
    assert sample().petitioner.in_united_states is True
    veteran = sample_specimen("program-parole").context
    assert veteran.petitioner.in_united_states is False
    assert ABROAD in words(petitioner_declaration(veteran))


def test_a_petitioner_declares_who_they_are_and_for_whom_they_ask() -> None:
    declaration = words(petitioner_declaration(sample()))
    for part in (
        "Declaration of Marisolda Ivette Quennevar Request for humanitarian parole under INA 212(d)(5)(A) Form I-131, Part 1, item 7",
        "1. I was born on March 17, 1984, in Honduras. I am a citizen of the United States.",
        "As petitioner for Ilario Benedicto Tostabrel and Nerea Luz Tostabrel, I sign the Forms I-131.",
        "Ilario Benedicto Tostabrel is my nephew and a citizen of Honduras. He was born on June 9, 2015, in Honduras.",
        "The purpose of the request is open-heart surgery",
        "To my knowledge, Nerea Luz Tostabrel has never been in exclusion",
        "that my representative, Imogen P Ravensholt, wrote for this request on November 24, 2026.",
    ):
        assert part in declaration


def test_many_people_are_counted_where_a_declaration_names_them() -> None:
    base = sample()
    declaration = words(petitioner_declaration(replace(base, beneficiaries=base.beneficiaries * 3)))
    assert "As petitioner for the six people named below, I sign the Forms I-131. 4. Ilario Benedicto Tostabrel is" in declaration
    assert "named above" not in declaration
    trip = sample_specimen("advance-parole").context.request.trip
    assert "I ask for permission for the six people named above to travel" in words(
        petitioner_declaration(replace(base, beneficiaries=base.beneficiaries * 3, request=replace(base.request, trip=trip)))
    )


def test_a_stateless_person_is_declared_a_citizen_of_no_country() -> None:
    base = sample()
    people = (replace(base.beneficiaries[0], citizenship="Stateless"), base.beneficiaries[1])
    declaration = words(
        petitioner_declaration(
            replace(base, petitioner=replace(base.petitioner, status=None, citizenship="Stateless"), beneficiaries=people)
        )
    )
    assert "I am a stateless person." in declaration
    assert "Ilario Benedicto Tostabrel is my nephew and a stateless person. He" in declaration
    assert "Stateless" not in declaration


def test_a_petitioner_declares_in_words_of_their_own_before_the_end() -> None:
    own = {"declaration": ["I saw him faint twice in September 2026", "I wash him and dress him."]}
    text = words(petitioner_declaration(smallest("urgent-humanitarian", letters=own)))
    first, second = text.index("I saw him faint twice in September 2026."), text.index("I wash him and dress him.")
    assert first < second < text.index("The letter that goes with this request")
    number = text[:first].split()[-1]
    assert text[:second].split()[-1] == f"{int(number.rstrip('.')) + 1}."


def test_a_self_petitioner_speaks_of_themself() -> None:
    travel = words(petitioner_declaration(sample_specimen("advance-parole").context))
    for part in (
        "I sign the Form I-131 for myself.",
        "I applied for a visa (H-1B) in Manila on September 12, 2022. It was issued.",
        "Earlier filing: Form I-485, receipt number IOE0915550132. It is pending.",
        "I have never been in exclusion, deportation, removal, or rescission proceedings.",
        "The letter that goes with this request, of November 24, 2026, is mine.",
    ):
        assert part in travel
    assert "To my knowledge" not in travel
    assert "The purpose of the request" not in travel


def test_history_that_speaks_against_a_person_is_told() -> None:
    base = sample()
    visa = VisaApplication("B-2", "Tegucigalpa", base.day, "refused")
    person = replace(
        base.beneficiaries[0],
        visas=(visa,),
        earlier_requests=(EarlierRequest("I-131", "denied"),),
        ever_in_proceedings=True,
        removal_order=True,
    )
    declaration = words(petitioner_declaration(replace(base, beneficiaries=(person,))))
    assert "Ilario Benedicto Tostabrel applied for a visa (B-2) in Tegucigalpa on November 24, 2026. It was refused." in declaration
    assert "Earlier filing for Ilario Benedicto Tostabrel: Form I-131. It was denied." in declaration
    assert "has been in exclusion, deportation, removal, or rescission proceedings, and an order of exclusion" in declaration


def test_a_parolee_does_not_swear_to_an_entry_without_inspection() -> None:
    declaration = words(petitioner_declaration(sample_specimen("re-parole").context))
    assert "I last entered the United States on March 30, 2023." in declaration
    assert "inspected" not in declaration


def test_a_supporter_declares_what_the_i_134_says() -> None:
    declaration = words(supporter(sample()))
    for part in (
        "in support of the request for Ilario Benedicto Tostabrel and Nerea Luz Tostabrel. I am willing and able to support them "
        "financially from January 11, 2027, to December 31, 2027.",
        "Relationship to Nerea Luz Tostabrel, as stated on Form I-134: Sister-in-law of the beneficiary.",
        "I work for Larkmere Valley Clinic. My occupation is registered nurse.",
        "My current income is $91,400 a year.",
        "I have these assets: a savings account ($38,250) and a checking account ($6,120).",
        "Counting me, three people live on this income. The others are Oswin Quennevar (spouse) and Delphira Quennevar (daughter).",
        "No earlier declaration or affidavit of support of mine is in force.",
    ):
        assert part in declaration


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"employment": "self-employed", "occupation": "CEO"}, "I am self-employed. My occupation is CEO."),
        ({"employment": "not-employed"}, "I am not employed."),
        ({"employment": "retired"}, "I am retired."),
        ({"employment": "other", "livelihood": "a trust"}, "My source of income: A trust."),
        ({"annual_income": 0}, "My current income is $0 a year."),
        ({"dependents_counting_self": 1, "dependents": ()}, "Nobody but me lives on this income."),
        ({"earlier_declarations": 1}, "are in force for one person."),
        ({"earlier_declarations": 2}, "are in force for two people."),
    ],
)
def test_each_fact_of_support_has_its_sentence(facts: dict[str, object], sentence: str) -> None:
    assert sentence in words(supporter(sample(), **facts))


def test_a_supporter_of_whom_little_is_known_declares_little() -> None:
    entry = SupportEntry(Person(name="Oswin Quennevar"), sample().support[0].promises[:1])
    declaration = words(supporter_declaration(sample(), entry))
    assert "support him financially" in declaration
    for word in ("born", "address", "income", "assets", "in force", "following"):
        assert word not in declaration


def test_a_beneficiary_who_supports_themself_says_so() -> None:
    veteran = sample_specimen("program-parole").context
    own, brother = (words(supporter_declaration(veteran, entry)) for entry in veteran.support)
    assert "in support of my own request. I am willing and able to support myself financially" in own
    assert "Relationship to" not in own
    assert "support them financially" in brother


def test_an_interpreter_signs_below_the_one_they_read_to() -> None:
    aided = sample_specimen("military-parole-in-place").context
    declaration = words(petitioner_declaration(aided))
    assert "I, Corisande Velmarique, am fluent in English and Spanish. I read the declaration above, and the letter of" in declaration
    assert (
        "November 24, 2026, that it speaks of, to Xiadani Rocibel Harwelstrom in Spanish. She told me that she understands both"
        in declaration
    )
    assert "Interpreter" not in words(petitioner_declaration(sample()))


def test_who_reads_no_english_does_not_swear_to_have_read_the_letter() -> None:
    aided = sample_specimen("military-parole-in-place").context
    aloud = "was read to me in Spanish by the interpreter who signs below. What it says about me is true."
    declaration = words(petitioner_declaration(aided))
    assert (
        f"The letter that my representative, Odessa Ruth Thistlemoor, wrote for this request on November 24, 2026, {aloud}" in declaration
    )
    assert "I have read" not in declaration
    own = words(petitioner_declaration(replace(aided, representative=None)))
    assert f"The letter that goes with this request, of November 24, 2026, is mine and {aloud}" in own
    reader = replace(aided, petitioner=replace(aided.petitioner, interpreter=None))
    assert "I have read the letter that my representative" in words(petitioner_declaration(reader))


def test_a_supporter_of_nobody_in_the_case_promises_nothing() -> None:
    """As in a draft whose beneficiary was taken out of the case."""
    declaration = words(supporter(sample(), promises=()))
    assert "in support of" not in declaration
    assert "willing and able" not in declaration


def test_an_interpreter_of_a_supporter_certifies_the_declaration_alone() -> None:
    base = sample()
    aided = replace(base.support[0].person, interpreter=Interpreter("Corisande Velmarique", "Spanish"))
    declaration = words(supporter(base, person=aided))
    assert "I read the declaration above to Marisolda Ivette Quennevar in Spanish. She told me that she understands it" in declaration


def test_a_translator_certifies_each_exhibit_that_lacks_a_certificate() -> None:
    base = sample()
    bare = tuple(replace(exhibit, parts=exhibit.parts[:2]) if exhibit.label in "CE" else exhibit for exhibit in base.exhibits)
    certificates = translator_certificates(replace(base, exhibits=bare))
    assert certificates.pages == 2
    text = words(certificates)
    assert "Document: Birth certificate of Ilario Tostabrel (Exhibit C) Translated from Spanish into English." in text
    assert "certify that I am competent to translate from Spanish into English, and that the attached English translation" in text
    assert "8 CFR 103.2(b)(3)" in text
    tab = ExhibitEntry("Tab 3", "x", "A paper", "It", 4, 5, (PartEntry("original", 4, 4), PartEntry("translation", 5, 5)))
    assert "(Tab 3)" in words(translator_certificates(replace(base, exhibits=(tab,))))


def test_a_certificate_in_the_packet_names_its_translator_and_fits_on_its_page() -> None:
    base = sample()
    translator = Translator("Corisande Velanique", competence="I grew up with Spanish.", email="c.velanique@example.org")
    entries = tuple(replace(exhibit, translator=translator) if exhibit.label in "CE" else exhibit for exhibit in base.exhibits)
    made = packet_certificates(replace(base, exhibits=entries))
    assert made.pages == len(certified(replace(base, exhibits=entries))) == 2
    assert words(made).count("I, Corisande Velanique, certify") == 2
    assert "I grew up with Spanish. I make this statement" in words(made)
    long = replace(base, exhibits=(replace(entries[2], title="A very long title. " * 400),))
    with pytest.raises(TemplateError) as caught:
        packet_certificates(long)
    assert caught.value.findings[0].rule == "template-certificate-length"


def test_a_request_to_expedite_goes_with_the_filing_or_after_the_receipt() -> None:
    now, later = words(expedite_request(sample())), words(expedite_request(sample_specimen("advance-parole").context))
    assert "EXPEDITE REQUESTED" in now
    assert "P.O. Box 660865" in now
    assert "number on the Form I-797" not in now
    assert "By secure message or through the USCIS Contact Center" in later
    assert "Receipt number of the Form I-131: number on the Form I-797" in later
    assert "because of a pressing or critical need to travel" in later
    assert "Exhibit E, Letter of Dr. Crisostomo Vallareta" in later


def test_a_claim_on_the_parole_fee_goes_to_who_collects_it() -> None:
    travel = sample_specimen("advance-parole").context
    port = words(fee_exception(travel, travel.claims[0]))
    assert "U.S. Customs and Border Protection At the port of entry" in port
    assert (
        "I ask that no immigration parole fee be collected from me at entry. The exception claimed is that of 8 U.S.C. 1804(b)(7)" in port
    )
    here = base_specimen("parole-in-place").context
    grant = words(fee_exception(here, replace(travel.claims[0], person=here.petitioner)))
    assert "U.S. Citizenship and Immigration Services" in grant
    assert "we ask that no immigration parole fee be collected from him for this grant of parole" in grant
    assert "port" not in grant.replace("Passport", "").replace("passport", "")


def test_a_case_gets_the_statements_that_it_has_a_use_for() -> None:
    assert list(statement_documents(sample())) == ["declaration-petitioner", "declaration-supporter", "expedite-request"]
    veteran = statement_documents(sample_specimen("program-parole").context)
    assert list(veteran) == ["declaration-petitioner", "declaration-supporter-1", "declaration-supporter-2"]
    assert "parole-fee-exception" in statement_documents(sample_specimen("advance-parole").context)
