"""Payment pages: four boxes from the case, every other box empty for the payer's pen, and no place for card or account data."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from msgspec.structs import replace

from pipeline.case.schema import schema_findings
from pipeline.errors import PacketError
from pipeline.forms.editions import current
from pipeline.forms.expressions import compile_all, parse
from pipeline.forms.fieldmap import FieldMap, Target
from pipeline.forms.reader import read_form
from pipeline.forms.store import find_official
from pipeline.forms.template import prepare
from pipeline.packet import payments
from pipeline.packet.filing import Payment, payment_form
from pipeline.packet.payments import payment_pages
from pipeline.packet.plan import make_plan
from pipeline.resources import shipped
from tests.forms.cases import Data, full_case, name
from tests.forms.reading import changed, glyphs, map_of, pictures, shown, within
from tests.forms.support import case_of, template

FORMS = {"card": "G-1450", "bank": "G-1650"}
FOUR = {
    "G-1450": {f"form1[0].#subform[0].{leaf}[0]" for leaf in ("GivenName", "MiddleName", "FamilyName", "AuthorizedPaymentAmt")},
    "G-1650": {
        *(f"form1[0].PG1[0].sfApplicantPetitionerName[0].{leaf}[0]" for leaf in ("GivenName", "MiddleName", "FamilyName")),
        "form1[0].PG1[0].sfBankAccountInformation[0].AuthorizedPaymentAmt[0]",
    },
}
"""The only boxes that are ever written, by full name."""


@pytest.fixture(params=["facsimile", "official"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of official forms, or an empty one, which gives facsimiles."""
    return request.getfixturevalue("official") if request.param == "official" else tmp_path


def pages(how: str, source: Path, dollars: Sequence[int] = (630,), data: Data | None = None, **filing: str) -> dict[str, bytes]:
    """The payment pages of a case that pays these amounts for its first beneficiary."""
    case = data or full_case("7")
    case["filing"] = {"mode": "paper", "carrier": "usps", "payment": how, **filing}
    plan = make_plan(case_of(case), "7")
    paid = [Payment(plan.case.beneficiaries[0], f"fee-{n}", amount) for n, amount in enumerate(dollars)]
    return payment_pages(plan, paid, prepare(current(FORMS[how]), find_official(FORMS[how], source)[0]))


def only(how: str, source: Path, **more: Any) -> bytes:
    """The one payment page."""
    (pdf,) = pages(how, source, **more).values()
    return pdf


def field_name(form: str, leaf: str) -> str:
    """The full name of the field with this last part."""
    (found,) = [f.name for f in current(form).inventory.fields if f.name.endswith("." + leaf)]
    return found


# ---- What is on the page


@pytest.mark.parametrize("how", FORMS)
def test_only_the_four_boxes_are_filled(how: str, source: Path) -> None:
    form = FORMS[how]
    pdf, blank = only(how, source, dollars=[1440]), template(form, source)
    fields = blank.inventory.fields
    seen, before = shown(pdf, fields), shown(blank.flat, fields)
    assert {n for n in seen.texts if seen.texts[n] != before.texts.get(n)} == FOUR[form]
    assert sorted(seen.texts[n] for n in FOUR[form]) == ["1,440", "Ivette", "Marisolda", "Quennevar"]
    assert seen.ticked == frozenset()


@pytest.mark.parametrize("how", FORMS)
def test_every_other_point_of_the_page_is_the_blank(how: str, source: Path) -> None:
    form = FORMS[how]
    (before,), (after,) = (pictures(pdf, "pdfium", Path(), 144) for pdf in (template(form, source).flat, only(how, source)))
    for box in (current(form).inventory.by_name[n] for n in FOUR[form]):
        x0, y0, x1, y1 = (round(2 * v) for v in box.rect)
        for picture in (before, after):
            picture.paste(255, (x0, 1584 - y1, x1, 1584 - y0))
    assert changed(before, after) is None


@pytest.mark.parametrize("how", FORMS)
def test_the_page_is_paper_no_field_is_left(how: str, source: Path) -> None:
    with pikepdf.open(io.BytesIO(only(how, source))) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert not pdf.is_encrypted
        assert len(pdf.pages) == 1
        assert "/Annots" not in pdf.pages[0].obj


@pytest.mark.parametrize("how", FORMS)
@pytest.mark.parametrize(("dollars", "text"), [(1, "1"), (630, "630"), (1440, "1,440"), (30770, "30,770")])
def test_trap_payment_the_amount_is_whole_dollars_with_a_comma(how: str, dollars: int, text: str, source: Path) -> None:
    """`1440.00` would pass the limit of seven and print "1440.00.00": dollar sign and cents are printed."""
    form = FORMS[how]
    box = current(form).inventory.by_name[next(n for n in FOUR[form] if n.endswith("AuthorizedPaymentAmt[0]"))]
    pdf = only(how, source, dollars=[dollars])
    assert shown(pdf, [box]).texts == {box.name: text}
    last = max(g.right for g in glyphs(pdf, 1) if box.rect[0] < g.left < box.rect[2] and box.rect[1] < g.low < box.rect[3])
    assert box.rect[2] - 4 < last < box.rect[2], "right-aligned, against the printed cents"


@pytest.mark.parametrize("how", FORMS)
def test_one_page_for_each_payment(how: str, source: Path) -> None:
    made = pages(how, source, dollars=[630, 275])
    form = FORMS[how].lower()
    assert list(made) == [f"payment/form-{form}-beneficiary-1-fee-0.pdf", f"payment/form-{form}-beneficiary-1-fee-1.pdf"]
    box = current(FORMS[how]).inventory.by_name[next(n for n in FOUR[FORMS[how]] if n.endswith("AuthorizedPaymentAmt[0]"))]
    assert [shown(pdf, [box]).texts[box.name] for pdf in made.values()] == ["630", "275"]


@pytest.mark.parametrize(("how", "mode"), [("waiver", "paper"), ("none", "paper"), ("card", "online"), ("bank", "online")])
def test_nothing_is_paid_by_form_online_or_with_a_waiver(how: str, mode: str) -> None:
    data = full_case("7")
    data["filing"] |= {"payment": how, "mode": mode}
    assert payment_form(case_of(data)) is None


@pytest.mark.parametrize("how", FORMS)
def test_no_payment_form_is_a_section_of_the_packet(how: str) -> None:
    data = full_case("7")
    data["filing"]["payment"] = how
    assert not {s.form for s in make_plan(case_of(data), "7").sections} & set(FORMS.values())


# ---- Traps of the G-1450


def test_trap_payment_the_second_box_of_the_last_four_digits_is_the_cvv() -> None:
    cvv = field_name("G-1450", "CreditCardNumber_4[1]")
    assert current("G-1450").inventory.by_name[cvv].max_len == 4
    assert "never" in map_of("G-1450").blank[cvv]


def test_trap_payment_a_whole_card_number_fits_each_of_its_boxes() -> None:
    boxes = [f for f in current("G-1450").inventory.fields if f.name.rpartition(".")[2].startswith("CreditCardNumber_")]
    assert [f.max_len for f in boxes] == [None] * 4 + [4]
    assert {f.name for f in boxes} <= map_of("G-1450").blank.keys()


@pytest.mark.parametrize("form", FOUR)
def test_trap_payment_the_applicants_signature_is_the_payers(form: str) -> None:
    (box,) = map_of(form).signatures
    assert box.field.name.endswith("SignatureOfApplicant[0]")
    assert (box.who, box.field.max_len, box.field.read_only) == ("payer", 1, True)


def test_trap_payment_applicant_and_holder_have_near_equal_names(source: Path) -> None:
    """A test for "contains FamilyName" hits both."""
    near = {f.name for f in current("G-1450").inventory.fields if "FamilyName" in f.name}
    assert len(near) == 2
    assert len(near & shown(only("card", source), current("G-1450").inventory.fillable).texts.keys()) == 1


def test_trap_payment_the_street_is_the_billing_address_and_units_have_their_own_order() -> None:
    inventory = current("G-1450").inventory
    assert field_name("G-1450", "Pt1Line2b_StreetNumberName[0]") in map_of("G-1450").blank
    units = [inventory.by_name[field_name("G-1450", f"CCHolderAptSteFlr_Unit[{n}]")] for n in range(3)]
    assert [u.on_state for u in units] == ["/ STE ", "/ APT ", "/ FLR "]
    assert {u.name for u in units} <= map_of("G-1450").blank.keys()


def test_trap_payment_card_types_are_four_separate_boxes() -> None:
    boxes = [f for f in current("G-1450").inventory.fields if "CreditCardTypeChBx" in f.name]
    assert {f.on_state for f in boxes} == {"/V", "/MC", "/A", "/D"}
    assert {f.name for f in boxes} <= map_of("G-1450").blank.keys()


@pytest.mark.parametrize("how", FORMS)
def test_trap_payment_the_forms_scripts_refuse_apostrophes_and_accents(how: str, source: Path) -> None:
    """Typed into Reader the form would not take such a name; printed it stands as in the passport."""
    data = full_case("7")
    data["petitioner"]["name"] = name("O'Brien-Muñoz", "Łucja", "St. J.")
    seen = shown(only(how, source, data=data), current(FORMS[how]).inventory.fillable)
    assert {"O'Brien-Muñoz", "Łucja", "St.J."} <= set(seen.texts.values())


# ---- Traps of the G-1650


def test_trap_payment_checking_and_savings_are_reversed_but_on_the_page(source: Path) -> None:
    savings, checking = (current("G-1650").inventory.by_name[field_name("G-1650", f"CB_CreditCardType[{n}]")] for n in (0, 1))
    assert (savings.on_state, checking.on_state) == ("/MC", "/V")
    assert "savings" in savings.label.lower()
    assert "checking" in checking.label.lower()
    assert checking.rect[0] < savings.rect[0], "checking is printed first"
    assert {savings.name, checking.name} <= map_of("G-1650").blank.keys()


def test_trap_payment_business_and_personal_can_both_be_on() -> None:
    boxes = [current("G-1650").inventory.by_name[field_name("G-1650", f"CB_AccountType[{n}]")] for n in (0, 1)]
    assert [b.on_state for b in boxes] == ["/B", "/P"]
    assert {b.name for b in boxes} <= map_of("G-1650").blank.keys()


def test_trap_payment_tooltips_are_left_over_from_the_other_form(official: Path) -> None:
    read = {f.name: f for f in read_form((official / "g-1650.pdf").read_bytes(), "g-1650.pdf").fields}
    for leaf, word in (("RoutingNumber[0]", "routing"), ("AccountNumber[0]", "account")):
        ours = current("G-1650").inventory.by_name[field_name("G-1650", leaf)]
        assert "credit card" in read[ours.name].label.lower()
        assert word in ours.label.lower()
        assert "never" in map_of("G-1650").blank[ours.name]


def test_trap_payment_the_business_name_lives_in_another_section() -> None:
    name_of = field_name("G-1650", "BusinessName[0]")
    assert "sfBankAccountInformation" in name_of
    assert "holder" in (current("G-1650").inventory.by_name[name_of].part or "").lower()
    assert name_of in map_of("G-1650").blank


def test_trap_payment_each_name_exists_twice(source: Path) -> None:
    """A bare leaf name wrote the applicant into the account holder's boxes too."""
    seen = shown(only("bank", source), current("G-1650").inventory.fillable)
    for leaf in ("GivenName[0]", "MiddleName[0]", "FamilyName[0]"):
        both = [f.name for f in current("G-1650").inventory.fields if f.name.endswith("." + leaf)]
        assert len(both) == 2
        assert [n for n in both if n in seen.texts] == [n for n in both if "sfApplicantPetitionerName" in n]


# ---- The data is nowhere


def _properties(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (node.get("properties") or {}).keys() if isinstance(node.get("properties"), dict) else ()
        for value in node.values():
            yield from _properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from _properties(value)


def test_no_schema_has_a_property_for_card_or_account_data() -> None:
    files = [*sorted(shipped("schemas").rglob("*.json"))]
    names = {n for file in files for n in _properties(json.loads(file.read_text(encoding="utf-8")))}
    assert len(names) > 150
    told = re.compile(r"card|credit(?!ed)|debit|cvv|cvc|security_code|routing|bank|iban|account|holder|billing|payer", re.IGNORECASE)
    assert {n for n in names if told.search(n)} == {"uscis_account"}


@pytest.mark.parametrize("place", ["filing", "petitioner", "request", "representative"])
def test_a_card_number_in_a_case_is_refused_and_not_repeated(place: str) -> None:
    data = full_case("7")
    data[place]["card_number"] = "4111111111111111"
    findings = schema_findings(case_of(data))
    assert findings
    assert "4111" not in " ".join(f"{f.where} {f.message} {f.remedy}" for f in findings)


@pytest.mark.parametrize("form", FOUR)
def test_the_maps_name_the_four_boxes_and_no_other(form: str) -> None:
    form_map = map_of(form)
    assert {box.name for target in form_map.targets for box in target.boxes.values()} == FOUR[form]
    assert not form_map.more
    assert not form_map.addendum


ROGUES = {
    "a card number": "CreditCardNumber_1[0]",
    "a security code": "CreditCardNumber_4[1]",
    "a card type": "CreditCardTypeChBx[0]",
    "a unit": "CCHolderAptSteFlr_Unit[1]",
    "a signature": "SignatureOfApplicant[0]",
}


@pytest.mark.parametrize("what", ROGUES)
def test_a_map_that_fills_any_other_box_stops_the_page(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An office may lay its own map over ours: the four boxes are the limit all the same."""
    real = map_of("G-1450")
    box = current("G-1450").inventory.by_name[field_name("G-1450", ROGUES[what])]
    kind = "tick" if box.type == "checkbox" else "text"
    rogue: FieldMap = replace(
        real, targets=(*real.targets, Target(kind, {"": box}, "", "", ())), program=compile_all([*_four(), parse("1")])
    )
    monkeypatch.setattr(payments, "load_map", lambda _: rogue)
    with pytest.raises(PacketError):
        pages("card", tmp_path)


def _four() -> list[Any]:
    return [parse(f"petitioner.name.{part}") for part in ("given", "middle", "family")] + [parse("fee | money")]


def test_the_comparison_of_pages_can_fail() -> None:
    blank = template("G-1450", None)
    box = current("G-1450").inventory.by_name[field_name("G-1450", "CreditCardTypeChBx[0]")]
    (before,) = pictures(blank.flat, "pdfium", Path())
    after = before.copy()
    after.paste(0, (round(box.rect[0]) + 2, 792 - round(box.rect[3]) + 2, round(box.rect[2]) - 2, 792 - round(box.rect[1]) - 2))
    seen = changed(before, after)
    assert seen is not None
    assert within(seen, box)
