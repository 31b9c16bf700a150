"""What the forms' scripts would have done, and text that does not fit, wrap or show: traps 1, 10, 11 and 12, one test a trap."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.errors import FormValueError
from pipeline.forms.editions import current
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.fit import FLOOR
from pipeline.forms.inventory import Field
from pipeline.forms.reader import leaves
from pipeline.packet.readback.expect import squeezed
from tests.forms.cases import ABROAD, RECEIPT, US_ADDRESS, full_case, name
from tests.forms.reading import glyphs, held, map_of, shown
from tests.forms.support import filled, subject_of, texts
from tests.forms.test_forms_traps_boxes import changed, field, on
from tests.forms.trapped import blank

FORMS = ("I-131", "I-134", "G-28", "G-1145")


@pytest.fixture(params=["trapped facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles with the same traps."""
    return request.getfixturevalue("official") if request.param == "official" else None


def sizes(done: FilledForm, leaf: str) -> set[float]:
    """The type sizes in a box."""
    return {p.fitted.size for p in done.placed if p.value.field.name.endswith("." + leaf)}


# ---- 1. What the scripts of the XFA template do


def test_trap_1_script_choosing_one_part_1_box_clears_every_other_ones_fields() -> None:
    data = full_case("5.A")
    data["request"] |= {"other_basis": "x", "program": "x", "task_force_number": "x", "agency": {"name": "x", "email": "x@example.org"}}
    part1 = {k: v for k, v in texts(filled(data, "I-131", "5.A")).items() if "P1_Line" in k}
    assert part1 == {"1:P1_Line5A[0]": RECEIPT}


@pytest.mark.parametrize(
    ("form", "place", "name"),
    [
        ("I-131", "petitioner__mailing_address", "Part2_Line3"),
        ("I-131", "petitioner__physical_address", "Part2_Line4"),
        ("I-131", "beneficiaries__0__mailing_address", "P2_Line24"),
        ("I-131", "beneficiaries__0__physical_address", "P2_Line25"),
    ],
)
def test_trap_1_script_a_state_sets_the_country_and_empties_province_and_postal_code(form: str, place: str, name: str) -> None:
    noisy = {**US_ADDRESS, "country": "Canada", "province": "Ontario", "postal_code": "K1A"}
    inside = texts(filled(changed(**{place: noisy}), form))
    outside = texts(filled(changed(**{place: ABROAD}), form))
    page = field(form, f"{name}_State[0]").page
    assert inside[f"{page}:{name}_Country[0]"] == "USA"
    assert not {f"{page}:{name}_Province[0]", f"{page}:{name}_PostalCode[0]"} & inside.keys()
    assert outside[f"{page}:{name}_Country[0]"] == "Honduras"
    assert outside[f"{page}:{name}_Province[0]"] == "Comayagua"
    assert outside[f"{page}:{name}_PostalCode[0]"] == "12111"
    assert not {f"{page}:{name}_State[0]", f"{page}:{name}_ZipCode[0]"} & outside.keys()


def test_trap_1_script_items_17_to_27_open_with_item_16() -> None:
    for alone in (True, False):
        items = {
            v.field.item for v in filled(full_case("7", self_filed=alone), "I-131").values if v.field.part == "2" and (v.text or v.ticked)
        }
        assert (items & set(map(str, range(17, 28))) != set()) is ("16" in items) is not alone


def test_trap_1_script_part_6_is_never_opened() -> None:
    assert {f.name for f in current("I-131").inventory.fields if f.part == "6"} <= map_of("I-131").blank.keys()


@pytest.mark.parametrize(
    ("form", "last", "first"),
    [
        ("I-131", "14:Part2_Line1_", "4:Part2_Line1_"),
        ("I-134", "10:Pt1Line1_", "1:Pt1Line1_"),
    ],
)
def test_trap_1_script_the_last_page_repeats_the_name(form: str, last: str, first: str) -> None:
    held_texts = texts(filled(full_case("7"), form))
    for part in ("FamilyName", "GivenName", "MiddleName"):
        assert held_texts[f"{last}{part}[0]"] == held_texts[f"{first}{part}[0]"] != ""


def test_trap_1_script_the_last_page_repeats_the_a_number_and_the_g_28_the_client() -> None:
    i131, i134, g28 = (texts(filled(full_case("7"), form)) for form in ("I-131", "I-134", "G-28"))
    assert i131["14:Part2_Line5_AlienNumber[0]"] == i131["5:Part2_Line5_AlienNumber[0]"] == "055501234"
    assert i134["10:Pt1Line5_AlienNumber[0]"] == i134["2:Pt1Line5_AlienNumber[0]"] == "055501234"
    for part in ("Pt3Line5a_FamilyName", "Pt3Line5b_GivenName", "Pt3Line5c_MiddleName"):
        assert g28[f"4:{part}[1]"] == g28[f"2:{part}[0]"] != ""


@pytest.mark.parametrize("count", [0, 1, 6, 9])
def test_trap_1_script_the_total_of_the_assets_is_a_read_only_box(count: int) -> None:
    assets = [{"type": "savings", "amount": 1000 + n} for n in range(count)]
    total = texts(filled(changed(supporters__0__assets=assets), "I-134")).get("3:Pt3Line9Cell9_Total[0]")
    assert total == (f"{sum(1000 + n for n in range(count)):,}" if count else None)
    assert field("I-134", "Pt3Line9Cell9_Total[0]").read_only


# ---- 10. Length limits


@pytest.mark.parametrize(
    ("values", "form", "box", "text"),
    [
        ({"petitioner__ssn": "900-55-0101"}, "I-131", "5:Part2_Line10_SSN[0]", "900550101"),
        ({"petitioner__a_number": "A5550123"}, "I-131", "5:Part2_Line5_AlienNumber[0]", "005550123"),
        ({"petitioner__uscis_account": "0555-0123-0001"}, "I-131", "5:Part2_Line11_USCISOnlineAcctNumber[0]", "055501230001"),
        ({"petitioner__mailing_address__zip": "77036-1234"}, "I-131", "5:Part2_Line3_ZipCode[0]", "77036"),
        ({"petitioner__daytime_phone": "+1 (713) 555-0142"}, "I-131", "11:Part10_Line1_DayPhone[0]", "7135550142"),
        ({"beneficiaries__0__daytime_phone": "+504 2555-01170"}, "I-131", "6:P2_Line21_DaytimeTelephoneNumber[0]", "504255501170"),
        ({"representative__fax": "713.555.0190"}, "G-28", "1:Pt1ItemNumber7_FaxNumber[0]", "7135550190"),
    ],
)
def test_trap_10_limits_are_not_enforced_so_only_digits_are_sent(values: Any, form: str, box: str, text: str) -> None:
    assert texts(filled(changed(**values), form))[box] == text


@pytest.mark.parametrize(
    ("values", "form", "limit"),
    [
        ({"petitioner__mailing_address__city": "Llanfairpwllgwyngyllgogerych"}, "I-131", 20),
        ({"petitioner__physical_address__street": "4820 Larkmere Avenue Southwest Boulevard"}, "I-131", 34),
        ({"beneficiaries__0__birth__city": "Llanfairpwllgwyngyllgogerychwyrndrobwllllan"}, "I-134", 40),
    ],
)
def test_trap_10_what_is_too_long_is_refused_not_cut(values: Any, form: str, limit: int) -> None:
    with pytest.raises(FormValueError) as caught:
        filled(changed(**values), form)
    assert {f.rule for f in caught.value.findings} == {"form-too-long"}
    assert all(f"at most {limit} characters" in f.message and "/" in f.where for f in caught.value.findings)


LONG_PHONE = "+504 2555-0117 12"
LONG_EMAIL = "a-long-name-of-a-lawyer-and-more@law.example.org"
LONG_FIRM = "Velanique, Ostrivane, Tostabrel and Partners"


@pytest.mark.parametrize(
    ("place", "value", "form", "leaf", "reference", "item"),
    [
        ("petitioner__daytime_phone", LONG_PHONE, "I-131", "Part10_Line1_DayPhone[0]", "Part 13", ("11", "10", "1")),
        ("petitioner__daytime_phone", LONG_PHONE, "G-28", "Line9_DaytimeTelephoneNumber[0]", "See Part 6", ("2", "3", "10")),
        ("representative__email", LONG_EMAIL, "G-28", "Line7_MobileTelephoneNumber[0]", "See Part 6", ("1", "1", "6")),
        ("representative__firm", LONG_FIRM, "G-28", "Pt2Line1d_NameofFirmOrOrganization[0]", "See Part 6", ("1", "2", "1.d")),
        ("representative__firm", LONG_FIRM, "I-131", "Part12_Line2_NameofBusinessorOrgName[0]", "See Part 13", ("13", "12", "2")),
        ("representative__firm", LONG_FIRM, "I-134", "P4_Line2_NameofBusinessorOrgName[0]", "See Part 8", ("9", "7", "2")),
        (
            "representative__address__street",
            "4820 Larkmere Avenue Southwest Boulevard",
            "G-28",
            "Line3a_StreetNumber[0]",
            "See Part 6",
            ("1", "1", "3.a"),
        ),
        (
            "petitioner__mailing_address__city",
            "Llanfairpwllgwyngyllgogerych",
            "G-28",
            "Line12c_CityOrTown[0]",
            "See Part 6",
            ("2", "3", "13.c"),
        ),
    ],
)
def test_trap_10_a_phone_email_firm_or_address_over_the_limit_moves_whole(
    place: str, value: str, form: str, leaf: str, reference: str, item: tuple[str, str, str], source: Path | None
) -> None:
    data = changed(**{place: value})
    done = fill(blank(form, source), map_of(form), subject_of(data, form))
    box = field(form, leaf)
    seen = shown(done.flat(), done.template.inventory.fillable).texts
    assert seen[box.name] == squeezed(reference)
    text = "".join(filter(str.isdigit, value)) if "phone" in place else value
    entries = {tuple(seen.get(b.name, "") for b in (e.page, e.part, e.item)): seen.get(e.text.name, "") for e in map_of(form).addendum}
    assert entries[item] == squeezed(text)


def test_trap_10_in_care_of_has_no_box_on_the_g_28_and_stands_in_part_6(source: Path | None) -> None:
    for data, wanted in (
        (changed(petitioner__mailing_address=dict(US_ADDRESS, in_care_of="Oswin Quennevar")), {"2 3 13.a": "In care of Oswin Quennevar"}),
        (changed(petitioner__mailing_address=US_ADDRESS), {}),
    ):
        done = fill(blank("G-28", source), map_of("G-28"), subject_of(data, "G-28"))
        seen = shown(done.flat(), done.template.inventory.fillable).texts
        entries = [
            (" ".join(seen.get(b.name, "") for b in (e.page, e.part, e.item)), seen.get(e.text.name, "")) for e in map_of("G-28").addendum
        ]
        assert {where: text for where, text in entries if text} == {where: squeezed(text) for where, text in wanted.items()}


@pytest.mark.parametrize(
    ("form", "leaf", "digits"),
    [("I-131", "Part2_Line10_SSN[0]", "900550101"), ("I-131", "Part2_Line11_USCISOnlineAcctNumber[0]", "055501230001")],
)
def test_trap_10_comb_cells_hold_one_character_each(form: str, leaf: str, digits: str, source: Path | None) -> None:
    done = fill(blank(form, source), map_of(form), subject_of(changed(petitioner__ssn="900-55-0101"), form))
    box = field(form, leaf)
    assert (box.comb, box.max_len) == (True, len(digits))
    cell = box.width / len(digits)
    seen = sorted((g for g in glyphs(done.flat(), box.page) if _over(g.left, g.low, box)), key=lambda g: g.left)
    assert "".join(g.text for g in seen) == digits
    assert [int((g.left + g.right) / 2 - box.rect[0]) // int(cell) for g in seen] == list(range(len(digits)))


def _over(x: float, y: float, box: Field) -> bool:
    return box.rect[0] <= x <= box.rect[2] and box.rect[1] <= y <= box.rect[3]


@pytest.mark.parametrize(
    ("item", "leaf", "place"),
    [
        ("6.C", "P1_Line6C1[0]", "request__agency__name"),
        ("8.C", "P1_Line8C[0]", "request__program"),
        ("10.I", "P1_Line10I[0]", "request__program"),
    ],
)
def test_trap_10_a_limit_of_100_shows_77_at_the_forms_own_size(item: str, leaf: str, place: str, source: Path | None) -> None:
    """So the type shrinks, to eight points at the smallest; wider words go to Part 13 whole."""
    box = field("I-131", leaf)
    assert box.max_len == 100
    for text, fits in (
        ("Bureau of Fictional Affairs and of the Resettlement of Persons Named in Forms, Office for Long", True),
        ("W" * 100, False),
    ):
        done = fill(blank("I-131", source), map_of("I-131"), subject_of(changed(item, **{place: text}), "I-131", item))
        everything = squeezed(" ".join(v.text for v in done.values))
        assert squeezed(text) in everything
        assert texts(done)[f"{box.page}:{leaf}"] == (text if fits else "See Part 13")
        assert shown(done.flat(), [box]).texts[box.name] == squeezed(text if fits else "See Part 13")
        assert all(FLOOR <= size < 10 for size in sizes(done, leaf)) or not fits


@pytest.mark.parametrize(
    ("values", "form", "leaf"),
    [
        ({"representative__address__street": "4820 Larkmere Avenue Southwest Bld"}, "G-28", "Line3a_StreetNumber[0]"),
        ({"representative__licensing_authority": "State Bar of Texas; Supreme Court, Ohio"}, "G-28", "Pt2Line1a_LicensingAuthority[0]"),
        ({"petitioner__name__family": "Quennevar Tostabrel y Amarindos"[:30]}, "G-1145", "LastName[0]"),
    ],
)
def test_trap_10_more_is_allowed_than_fits_at_ten_points(values: Any, form: str, leaf: str, source: Path | None) -> None:
    data = changed(**values)
    done = fill(blank(form, source), map_of(form), subject_of(data, form))
    box, (text,) = field(form, leaf), values.values()
    assert shown(done.flat(), [box]).texts[box.name] == squeezed(text)
    assert FLOOR <= sizes(done, leaf).pop() < 10


def test_trap_10_overflow_would_be_cut_off() -> None:
    """`1234567890 Very Long Street Name Boulevard Southwest Bui|` in the trial: here every letter is somewhere."""
    data = changed(petitioner__other_names=[name("Quennevar " * 6 + "Z", "G")])
    done = filled(data, "I-131")
    assert texts(done)["5:Part2_Line2_FamilyName1[0]"] == "See Part 13"
    assert squeezed("Quennevar " * 6 + "Z") in squeezed(" ".join(v.text for v in done.values))


def test_trap_10_red_is_for_signatures_only(source: Path | None) -> None:
    """Some /DA are red; text of ours is black wherever it stands."""
    done = fill(blank("I-134", source), map_of("I-134"), subject_of(full_case("7"), "I-134"))
    assert all(mark.startswith(b"q 0 g 0 G") and b" rg" not in mark for mark in done.marks.values())
    with pikepdf.open(io.BytesIO(done.editable())) as pdf:
        drawn = [leaf.AP.N.read_bytes() for name, leaf in leaves(pdf) if leaf.FT == "/Tx" and "/V" in leaf and "BarCode" not in name]
    assert drawn
    assert all(b"0 g" in stream and b" rg" not in stream for stream in drawn)


def test_trap_10_weight_is_three_boxes_of_one_digit() -> None:
    for pounds, digits in ((7, "007"), (68, "068"), (131, "131")):
        data = full_case("7")
        data["beneficiaries"][0]["biographic"]["weight_pounds"] = pounds
        held_texts = texts(filled(data, "I-131"))
        assert "".join(held_texts[f"7:P3_Line4_Pound{n}[0]"] for n in (1, 2, 3)) == digits


def test_trap_10_dates_have_no_limit_and_are_written_month_first() -> None:
    dates = {f.name for form in FORMS for f in current(form).inventory.fields if f.type == "text" and "Date" in f.name.rpartition(".")[2]}
    written = [v.text for form in FORMS for v in filled(full_case("7"), form).values if v.text and v.field.name in dates]
    assert len(written) >= 8
    assert all(len(text) == 10 and text[2] == text[5] == "/" for text in written)


# ---- 11. Multi-line and rich text


@pytest.mark.parametrize(
    ("form", "leaf", "place"),
    [
        ("I-131", "P8_Line1_Explain[0]", "beneficiaries__0__qualifies_because"),
        ("I-134", "Pt4Line1b_language[0]", "supporters__0__contributions"),
    ],
)
def test_trap_11_long_text_comes_out_as_one_clipped_line(form: str, leaf: str, place: str, source: Path | None) -> None:
    """Here it is broken at words, and its lines stand on the printed rules, eighteen points apart."""
    text = "The operation is not done in Honduras, and no hospital there has done it since 2022. "
    box = field(form, leaf, 4 if form == "I-134" else 0)
    count = round(box.height / 18)
    long = (text * count)[: 80 * count].strip()
    done = fill(blank(form, source), map_of(form), subject_of(changed(**{place: long}), form))
    (placed,) = [p for p in done.placed if p.value.field == box]
    assert len(placed.fitted.lines) == count >= 3
    assert {round(a.y - b.y, 1) for a, b in pairwise(placed.fitted.lines)} == {round(box.height / count, 1)}
    assert abs(box.height / count - 18) < 0.1
    assert shown(done.flat(), [box]).texts[box.name] == squeezed(long)
    words = " ".join(line.text for line in placed.fitted.lines)
    assert words == " ".join(long.split())


@pytest.mark.parametrize(("form", "least"), [("I-131", 5), ("I-134", 1)])
def test_trap_11_rich_text_boxes_may_look_for_a_rich_value(form: str, least: int, source: Path | None) -> None:
    rich = {f.name for f in current(form).inventory.fields if f.rich}
    assert len(rich) >= least
    with pikepdf.open(io.BytesIO(fill(blank(form, source), map_of(form), subject_of(full_case("7"), form)).editable())) as pdf:
        for _, leaf in leaves(pdf):
            assert not int(leaf.get("/Ff", 0)) & (1 << 25)
            assert not {"/DS", "/RV"} & set(leaf.keys())


def test_trap_11_dependent_names_are_multi_line_boxes_of_one_line() -> None:
    dependents = [
        {
            "name": name("Quennevar Tostabrel", "Oswin Benedicto"),
            "date_of_birth": "1981-09-25",
            "relationship": "Stepson of the supporter's sister",
        }
    ]
    done = filled(changed(supporters__0__dependents=dependents), "I-134")
    rows = [p for p in done.placed if "Pt2_Line15_Row1" in p.value.field.name]
    assert rows
    assert all(len(p.fitted.lines) == 1 for p in rows)
    assert squeezed("Oswin Benedicto Quennevar Tostabrel") in squeezed(" ".join(v.text for v in done.values))


# ---- 12. Characters outside WinAnsi


@pytest.mark.parametrize("text", ["Łukasz", "WIŚNIEWSKI-ȘTEFĂNESCU", "José Ñuñez", "Nguyễn Thị Ánh", "Ğülşen İnönü", "Þórðarson"])
def test_trap_12_letters_outside_winansi_become_question_marks(text: str, source: Path | None) -> None:
    """Here they are drawn with an embedded font in both copies, and the field holds the letters themselves."""
    done = fill(blank("I-131", source), map_of("I-131"), subject_of(changed(petitioner__name__family=text), "I-131"))
    box = field("I-131", "Part2_Line1_FamilyName[0]", 4)
    assert shown(done.flat(), [box]).texts[box.name] == squeezed(text)
    assert held(done.editable())[box.name] == text
    with pikepdf.open(io.BytesIO(done.editable())) as pdf:
        leaf = dict(leaves(pdf))[box.name]
        (font,) = dict(leaf.AP.N.Resources.Font).values()
        assert font.DescendantFonts[0].FontDescriptor.keys() & {"/FontFile2", "/FontFile3"}
        assert b"?" not in leaf.AP.N.read_bytes()


@pytest.mark.parametrize("text", ["Дмитрий", "Київ", "محمد", "李小龍", "ლ", "Ω", "한", "🙂"])
def test_trap_12_other_scripts_are_refused_with_the_place(text: str) -> None:
    data = changed(petitioner__name__family=text)
    for form in FORMS:
        with pytest.raises(FormValueError) as caught:
            filled(data, form)
        assert all(f.rule == "form-character" and "/petitioner/name/family" in f.where for f in caught.value.findings)
        assert all("English spelling" in f.remedy and text not in f.message for f in caught.value.findings)


def test_trap_12_the_fonts_of_the_blank_are_not_embedded_so_looks_differ(source: Path | None) -> None:
    """No mark of ours uses a font of the form's."""
    done = fill(blank("I-131", source), map_of("I-131"), subject_of(full_case("7"), "I-131"))
    fonts = {line.split()[1] for marks in done.marks.values() for line in marks.split(b"\n") if line.startswith(b"BT")}
    assert fonts <= {b"/PpMono", b"/PpSerif"}
    assert {p.fitted.font for p in done.placed} <= {"/PpMono", "/PpSerif"}


def test_the_helpers_of_the_box_traps_read_what_is_ticked() -> None:
    assert "Part2_Line8_Gender[0]" in on(filled(full_case("7"), "I-131"))
