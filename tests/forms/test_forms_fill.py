"""Filling: what stands in the boxes of the official forms and of their facsimiles, in two viewers and in the form fields."""

from __future__ import annotations

import io
import json
import subprocess
from copy import deepcopy
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from msgspec.structs import replace
from pypdf import PdfReader

from pipeline.errors import FormValueError
from pipeline.findings import Level
from pipeline.forms import template as templates
from pipeline.forms.editions import current
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import fill
from pipeline.forms.template import FONTS
from pipeline.packet.readback.expect import squeezed
from tests.forms.support import Pictures, filled, load, subject_of, template, texts, ticks

FORMS = ("I-131", "I-134", "G-28", "G-1145")
BANNED = {"/XFA", "/Perms", "/NeedAppearances", "/JS", "/JavaScript", "/OpenAction", "/SigFlags"}


@pytest.fixture(params=["facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles: the same tests run over both."""
    return request.getfixturevalue("official") if request.param == "official" else None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("copy", ["flat", "editable"])
def test_every_value_is_seen_in_both_viewers(form: str, copy: str, source: Path | None, sample: Path, tmp_path: Path, poppler: str) -> None:
    done = filled(load(sample), form, folder=source)
    pdf = done.flat() if copy == "flat" else done.editable()
    seen = Pictures(pdf, tmp_path, poppler)
    try:
        for value in done.values:
            for viewer in ("pdfium", "poppler"):
                ink = seen.ink(viewer, value.field)
                if value.ticked is None:
                    assert ink > 0.0005, (viewer, value.field.name)
                else:
                    assert (ink > 0.05) == value.ticked, (viewer, value.field.name, ink)
            if value.text and copy == "flat":
                assert seen.text(value.field) == squeezed(value.text)
    finally:
        seen.close()
    assert len(done.values) >= {"G-1145": 5}.get(form, 30)


@pytest.mark.parametrize("form", FORMS)
def test_the_editable_copy_holds_the_values_as_form_fields(form: str, source: Path | None, sample: Path) -> None:
    done = filled(load(sample), form, folder=source)
    fields = PdfReader(io.BytesIO(done.editable())).get_fields() or {}
    for value in done.values:
        held = fields[value.field.name].get("/V")
        if value.ticked is None:
            assert str(held) == value.text
        else:
            assert str(held) == (value.field.on_state if value.ticked else "/Off")
    written = {v.field.name for v in done.values}
    untouched = [f for f in current(form).inventory.fillable if f.name not in written]
    assert all(str(fields[f.name].get("/V") or "").strip() in ("", "/Off") for f in untouched)


@pytest.mark.parametrize("form", FORMS)
def test_signatures_and_ink_dates_stay_empty(form: str, source: Path | None, sample: Path) -> None:
    done = filled(load(sample), form, folder=source)
    fields = PdfReader(io.BytesIO(done.editable())).get_fields() or {}
    signed = [f for f in current(form).inventory.fields if f.type == "signature" or "DateofSig" in f.name]
    assert all(not str(fields[f.name].get("/V") or "").strip() for f in signed)
    assert not {f.name for f in signed} & {v.field.name for v in done.values}


@pytest.mark.parametrize("form", FORMS)
def test_neither_copy_keeps_xfa_usage_rights_or_scripts(form: str, source: Path | None, sample: Path, tmp_path: Path, qpdf: str) -> None:
    done = filled(load(sample), form, folder=source)
    for name, pdf in (("editable", done.editable()), ("flat", done.flat())):
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            keys = {key for o in opened.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream) for key in o.keys()}
            assert not keys & BANNED
            assert not opened.is_encrypted
            if name == "flat":
                assert "/AcroForm" not in opened.Root
                assert all("/Annots" not in page.obj for page in opened.pages)
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(pdf)
        checked = subprocess.run([qpdf, "--check", str(file)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("copy", ["flat", "editable"])
def test_every_barcode_still_decodes(form: str, copy: str, official: Path, sample: Path, tmp_path: Path, poppler: str) -> None:
    done = filled(load(sample), form, folder=official)
    seen = Pictures(done.flat() if copy == "flat" else done.editable(), tmp_path, poppler)
    try:
        for field in current(form).inventory.fields:
            if field.type == "barcode":
                for viewer in ("pdfium", "poppler"):
                    read = [b.text for b in zxingcpp.read_barcodes(seen.box(viewer, field, -12))]
                    assert field.value in read, (viewer, field.page)
    finally:
        seen.close()


def test_two_fillings_give_the_same_bytes_and_leave_no_trace_of_each_other(sample: Path) -> None:
    data, other = load(sample), deepcopy(load(sample))
    other["petitioner"]["name"]["family"] = "Vantongeren"
    first = filled(data, "I-131")
    between = filled(other, "I-131")
    again = filled(data, "I-131")
    assert first.editable() == again.editable()
    assert first.flat() == again.flat()
    assert between.flat() != first.flat()


def test_a_value_that_fits_no_box_of_a_form_without_addendum_is_an_error(sample: Path) -> None:
    data = load(sample)
    data["petitioner"]["name"]["family"] = "Quennevar" * 8
    needed = replace(load_map(current("G-1145")), optional=False)
    with pytest.raises(FormValueError) as caught:
        fill(template("G-1145", None), needed, subject_of(data, "G-1145"))
    (finding,) = caught.value.findings
    assert "/petitioner/name/family" in finding.where
    assert "Quennevar" not in finding.message


@pytest.mark.parametrize("family", ["Quennevar-Tostabrel-Amarindo-Velanique", "Quennevar" * 8])
def test_a_box_of_the_optional_form_that_is_too_small_is_left_empty_with_a_warning(family: str, sample: Path) -> None:
    data = load(sample)
    data["petitioner"]["name"]["family"] = family
    done = filled(data, "G-1145")
    assert "1:LastName[0]" not in texts(done)
    assert texts(done)["1:FirstName[0]"] == data["petitioner"]["name"]["given"]
    (finding,) = done.findings
    assert (finding.rule, finding.level) == ("form-left-empty", Level.WARNING)
    assert "/petitioner/name/family" in finding.where
    assert family not in f"{finding.message}{finding.remedy}"
    assert not filled(load(sample), "G-1145").findings


def test_a_value_over_its_limit_names_the_field_and_the_limit(sample: Path) -> None:
    data = load(sample)
    data["petitioner"]["mailing_address"]["city"] = "Llanfairpwllgwyngyllgogerych"
    with pytest.raises(FormValueError) as caught:
        filled(data, "I-131")
    assert [f.rule for f in caught.value.findings] == ["form-too-long"]
    assert "at most 20 characters" in caught.value.findings[0].message


@pytest.mark.parametrize(("form", "city"), [("I-131", 20), ("I-134", 40)])
def test_an_address_over_its_limits_names_form_box_limit_and_place_and_how_it_can_fit(form: str, city: int, sample: Path) -> None:
    data = load(sample)
    limits = {"in_care_of": 34, "street": 34, "city": city}
    data["petitioner"]["mailing_address"] |= dict.fromkeys(limits, "Quennevar-Tostabrel " * 4)
    with pytest.raises(FormValueError) as caught:
        filled(data, form)
    found = {finding.where.rpartition("/petitioner/mailing_address/")[2]: finding for finding in caught.value.findings}
    assert found.keys() == limits.keys()
    for name, finding in found.items():
        assert finding.message.startswith("Part 2 Item ")
        assert f"{name.replace('_', ' ')}) on Form {form} holds at most {limits[name]} characters, and this has 79" in finding.message
        assert "as the Postal Service does" in finding.remedy
        assert "Quennevar" not in f"{finding.message}{finding.remedy}"


@pytest.mark.parametrize("name", ["Володимир", "محمد", "李小龍"])
def test_another_script_is_an_error_that_asks_for_the_english_spelling(name: str, sample: Path) -> None:
    data = load(sample)
    data["beneficiaries"][0]["name"]["given"] = name
    with pytest.raises(FormValueError) as caught:
        filled(data, "I-131")
    assert {f.rule for f in caught.value.findings} == {"form-character"}
    assert all("/beneficiaries/0/name/given" in f.where and "English" in f.remedy for f in caught.value.findings)
    assert name not in json.dumps([f.message for f in caught.value.findings], ensure_ascii=False)


@pytest.mark.parametrize("name", ["Łukasz", "Ștefănescu", "Nguyễn", "Ñuñez"])
def test_accented_names_are_drawn_as_typed(name: str, source: Path | None, sample: Path, tmp_path: Path, poppler: str) -> None:
    data = load(sample)
    data["petitioner"]["name"]["family"] = name
    done = filled(data, "I-131", folder=source)
    seen = Pictures(done.flat(), tmp_path, poppler)
    box = current("I-131").inventory.by_name["form1[0].P4[0].Part2_Line1_FamilyName[0]"]
    try:
        assert seen.text(box) == name
        assert seen.ink("poppler", box) > 0.01
    finally:
        seen.close()


def test_long_text_moves_whole_to_the_additional_information_part(sample: Path) -> None:
    data = load(sample)
    long = " ".join(f"Sentence {n} of the explanation." for n in range(30))
    data["beneficiaries"][0]["qualifies_because"] = long
    done = filled(data, "I-131")
    held = texts(done)
    assert held["11:P8_Line1_Explain[0]"] == "See Part 13"
    entries = [held[f"14:Part13_Line{n}_AdditionalInfo[0]"] for n in range(3, 8) if f"14:Part13_Line{n}_AdditionalInfo[0]" in held]
    assert " ".join(entries) == long
    assert held["14:Part13_Line3_PageNumber[0]"] == "11"
    assert held["14:Part13_Line3_PartNumber[0]"] == "8"
    assert held["14:Part13_Line3_ItemNumber[0]"] == "1"
    assert done.continuations == ()


def test_text_too_long_for_the_part_goes_whole_to_continuation_pages(sample: Path) -> None:
    data = load(sample)
    long = "\n".join(f"Paragraph {n}: " + "why it matters, and why now. " * 6 for n in range(70))
    assert len(long) > 12000
    data["beneficiaries"][0]["qualifies_because"] = long
    done = filled(data, "I-131")
    (note,) = done.continuations
    assert note.text.split() == long.split()
    assert (note.page, note.part, note.item) == (11, "8", "1")
    assert "continuation pages" in texts(done)["14:Part13_Line3_AdditionalInfo[0]"]


def test_rows_beyond_the_forms_own_arrive_in_order(sample: Path) -> None:
    data = load(sample)
    data["petitioner"]["other_names"] = [{"family": f"Name{n}", "given": f"Given{n}"} for n in range(10)]
    done = filled(data, "I-131")
    everything = " ".join(texts(done).values()) + " ".join(c.text for c in done.continuations)
    places = [everything.index(f"Name{n}") for n in range(10)]
    assert len(set(places)) == 10
    assert places[3:] == sorted(places[3:])


def test_the_drawn_fonts_are_embedded(sample: Path) -> None:
    with pikepdf.open(io.BytesIO(filled(load(sample), "I-131").flat())) as pdf:
        for name in FONTS:
            font = pdf.pages[4].resources.Font[name]
            assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor or "/FontFile3" in font.DescendantFonts[0].FontDescriptor


def test_hostile_text_is_written_as_typed(sample: Path, tmp_path: Path, poppler: str) -> None:
    hostile = '#read("/x") {{7*7}} <b>'
    data = load(sample)
    data["petitioner"]["name"]["family"] = hostile
    done = filled(data, "I-131")
    seen = Pictures(done.flat(), tmp_path, poppler)
    try:
        assert seen.text(current("I-131").inventory.by_name["form1[0].P4[0].Part2_Line1_FamilyName[0]"]) == squeezed(hostile)
    finally:
        seen.close()


def test_one_part_1_box_only(sample: Path) -> None:
    done = filled(load(sample), "I-131")
    assert {t for t in ticks(done) if "AppType" in t} == {"3:CB_AppType[5]"}


def test_a_state_sets_the_country_and_empties_province_and_postal_code(sample: Path) -> None:
    data = load(sample)
    data["petitioner"]["mailing_address"] |= {"province": "X", "postal_code": "99", "country": "France"}
    held = texts(filled(data, "I-131"))
    assert held["5:Part2_Line3_Country[0]"] == "USA"
    assert "5:Part2_Line3_Province[0]" not in held
    assert "5:Part2_Line3_PostalCode[0]" not in held


def test_a_case_fills_the_same_form_for_each_person_with_their_own_values(sample: Path) -> None:
    data = load(sample)
    subject = subject_of(data, "I-131")
    second = fill(template("I-131", None), load_map(current("I-131")), subject)
    names = texts(second)
    assert names["6:P2_Line16_GivenName[0]"] == data["beneficiaries"][0]["name"]["given"]


def test_a_form_from_the_cache_is_the_same_as_one_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = templates._prepare.__wrapped__(current("G-1145"), None)
    (kept,) = (tmp_path / "parole-packet" / "forms").iterdir()
    monkeypatch.setattr(templates, "_make", None)
    assert templates._prepare.__wrapped__(current("G-1145"), None) == made
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(TypeError):  # half of it is no form: it would be made again
        templates._prepare.__wrapped__(current("G-1145"), None)
