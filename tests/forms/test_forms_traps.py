"""What lies in the real files beside their fields, one test a trap: XFA, usage rights, encryption, locks, barcodes, layers, re-issues.

Facsimiles get the same traps built in (`trapped.py`); with the official blanks the tests run over those too.
"""

from __future__ import annotations

import io
import subprocess
from collections import Counter
from pathlib import Path

import pikepdf
import platformdirs
import pypdfium2
import pytest
import zxingcpp
from msgspec.structs import replace
from pypdf import PdfReader

from pipeline.errors import FormFileError
from pipeline.forms import template as preparing
from pipeline.forms.compare import compare
from pipeline.forms.editions import current
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.reader import leaves, read_form
from pipeline.forms.store import recognise
from pipeline.packet.readback.expect import squeezed
from pipeline.packet.stamps import is_letter
from tests.forms.cases import full_case
from tests.forms.reading import INK, ink, map_of, pictures, shown
from tests.forms.support import Pictures, filled, subject_of, texts
from tests.forms.test_forms_editions import as_official
from tests.forms.trapped import PRINT_WORDS, SCREEN_WORDS, blank, trapped_bytes

FORMS = ("I-131", "I-134", "G-28", "G-1145")
KINDS = {
    "I-131": {"text": 172, "checkbox": 143, "choice": 7, "signature": 3, "barcode": 14},
    "I-134": {"text": 174, "checkbox": 52, "choice": 10, "signature": 4, "barcode": 10},
    "G-28": {"text": 69, "checkbox": 23, "choice": 2, "signature": 3, "barcode": 4},
    "G-1145": {"text": 5, "barcode": 1},
    "G-1450": {"text": 19, "checkbox": 7, "choice": 1, "signature": 1, "barcode": 1},
    "G-1650": {"text": 11, "checkbox": 4, "signature": 1, "barcode": 1},
}


@pytest.fixture(params=["trapped facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles with the same traps."""
    return request.getfixturevalue("official") if request.param == "official" else None


def raw(form: str, source: Path | None) -> bytes:
    """The form file as it comes."""
    return (source / f"{form.lower()}.pdf").read_bytes() if source else trapped_bytes(form)


def done(form: str, source: Path | None, item: str = "7") -> FilledForm:
    """The form filled with a full case."""
    return fill(blank(form, source), map_of(form), subject_of(full_case(item), form, item))


def copies(filled_form: FilledForm) -> dict[str, bytes]:
    """Both copies of a filled form."""
    return {"editable": filled_form.editable(), "flat": filled_form.flat()}


def keys(pdf: bytes) -> set[str]:
    """Every key of every dictionary in a PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {key for o in opened.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream) for key in o.keys()}


# ---- The files


@pytest.mark.parametrize("form", KINDS)
def test_trap_parents_are_counted_as_fields(form: str, source: Path | None) -> None:
    """pypdf's get_fields counts parents too; only what has a type is a field, and each is its own widget."""
    read = read_form(raw(form, source), form)
    assert Counter(f.type for f in read.fields) == KINDS[form]
    every = PdfReader(io.BytesIO(raw(form, source))).get_fields() or {}
    assert len(every) > len(read.fields)
    assert {name for name, field in every.items() if "/FT" in field} == {f.name for f in read.fields}


# ---- 1. XFA beside AcroForm


@pytest.mark.parametrize("form", FORMS)
def test_trap_1_xfa_keeps_the_blank_data(form: str, source: Path | None) -> None:
    with pikepdf.open(io.BytesIO(raw(form, source))) as pdf:
        assert "/XFA" in pdf.Root.AcroForm
    assert all("/XFA" not in keys(copy) for copy in copies(done(form, source)).values())


@pytest.mark.parametrize("form", FORMS)
def test_trap_1_without_xfa_it_is_a_plain_form(form: str, source: Path | None) -> None:
    document = pypdfium2.PdfDocument(done(form, source).editable())
    assert document.get_formtype() == 1
    document.close()


@pytest.mark.parametrize("copy", ["editable", "flat"])
@pytest.mark.parametrize("form", FORMS)
def test_trap_1_no_script_is_left(form: str, copy: str, source: Path | None) -> None:
    assert not keys(copies(done(form, source))[copy]) & {"/JS", "/JavaScript", "/AA", "/OpenAction"}


# ---- 2. Usage rights


@pytest.mark.parametrize("form", FORMS)
def test_trap_2_usage_rights_would_be_broken(form: str, source: Path | None) -> None:
    with pikepdf.open(io.BytesIO(raw(form, source))) as pdf:
        assert "/Perms" in pdf.Root
    for copy in copies(done(form, source)).values():
        assert not keys(copy) & {"/Perms", "/UR3", "/SigFlags", "/ByteRange"}


# ---- 3. Encryption


@pytest.mark.parametrize("form", FORMS)
def test_trap_3_encrypted_with_an_empty_password(form: str, source: Path | None, tmp_path: Path, qpdf: str) -> None:
    with pikepdf.open(io.BytesIO(raw(form, source))) as pdf:
        assert pdf.is_encrypted
    for name, copy in copies(done(form, source)).items():
        with pikepdf.open(io.BytesIO(copy)) as pdf:
            assert not pdf.is_encrypted
        (tmp_path / f"{name}.pdf").write_bytes(copy)
        assert subprocess.run([qpdf, "--check", str(tmp_path / f"{name}.pdf")], capture_output=True, check=False).returncode == 0


def test_trap_3_encrypted_with_a_password_is_refused() -> None:
    with pikepdf.open(io.BytesIO(as_official("G-28"))) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="secret", R=6))
    with pytest.raises(FormFileError) as caught:
        recognise(out.getvalue(), "g-28.pdf")
    assert [f.rule for f in caught.value.findings] == ["form-encrypted"]


# ---- 4. Read-only fields


@pytest.mark.parametrize(("form", "count"), [("I-131", 113), ("G-28", 17), ("I-134", 39)])
def test_trap_4_read_only_does_not_mean_empty(form: str, count: int) -> None:
    """Nearly every box that depends on another is read-only in the blank; the map fills them all the same."""
    locked = {f.name for f in current(form).inventory.fillable if f.read_only and f.type != "signature"}
    assert len(locked) == count
    filled_names = {
        v.field.name
        for item in ("5.A", "6.C", "7", "8.A", "10.E")
        for v in filled(full_case(item), form, item).values
        if v.text or v.ticked
    }
    assert locked & filled_names


def test_trap_4_conditional_boxes_are_filled() -> None:
    held = {**texts(filled(full_case("5.A"), "I-131", "5.A")), **texts(filled(full_case("10.C"), "I-131", "10.C"))}
    for name in ("1:P1_Line5A[0]", "4:P1_Line12_DateOfAdmission[0]", "6:P2_Line18_DateOfBirth[0]", "7:P4_Line3b_DateIssued[0]"):
        assert held[name]
        assert next(f for f in current("I-131").inventory.fields if f.name.endswith(name.partition(":")[2])).read_only


@pytest.mark.parametrize("form", FORMS)
def test_trap_4_no_script_would_unlock_the_editable_copy(form: str, source: Path | None) -> None:
    """Boxes that the form's scripts would open are open for a change by hand; pen boxes and barcodes stay locked."""
    facts = current(form).inventory.by_name
    with pikepdf.open(io.BytesIO(done(form, source).editable())) as pdf:
        for name, leaf in leaves(pdf):
            pen = facts[name].type in ("signature", "barcode")
            assert bool(int(leaf.get("/Ff", 0)) & 1) == (pen and facts[name].read_only), name
            assert pen or not int(leaf.get("/F", 0)) & 64, name


@pytest.mark.parametrize("form", FORMS)
def test_trap_4_signature_boxes_take_text(form: str, source: Path | None) -> None:
    """A filler could write into them: they are read-only text boxes, some of one character."""
    form_map, finished = map_of(form), done(form, source)
    pens = {f.name for f in form_map.edition.inventory.fields if f.type == "signature"}
    assert not pens & {v.field.name for v in finished.values}
    fields = PdfReader(io.BytesIO(finished.editable())).get_fields() or {}
    assert all(not fields[name].get("/V") for name in pens)
    seen = shown(finished.flat(), form_map.edition.inventory.fields)
    assert not pens & seen.texts.keys()


# ---- 5. Barcodes


@pytest.mark.parametrize("form", KINDS)
def test_trap_5_barcodes_are_read_only_text_with_a_picture(form: str, source: Path | None, tmp_path: Path, poppler: str) -> None:
    """Never regenerated, never flattened away: their picture stands on every page of both copies."""
    finished = only_blank(form, source) if form in ("G-1450", "G-1650") else done(form, source)
    codes = [f for f in current(form).inventory.fields if f.type == "barcode"]
    for copy in copies(finished).values():
        assert "/NeedAppearances" not in keys(copy)
        seen = Pictures(copy, tmp_path, poppler)
        for code in dict.fromkeys((codes[0], codes[-1])):
            for viewer in ("pdfium", "poppler"):
                if source:
                    assert code.value in [b.text for b in zxingcpp.read_barcodes(seen.picture(viewer, code.page))], viewer
                else:
                    assert 0.2 < seen.ink(viewer, code) < 0.8, (viewer, code.page)
        seen.close()


def only_blank(form: str, source: Path | None) -> FilledForm:
    """A form with nothing in it."""
    return FilledForm(blank(form, source), (), {})


# ---- 6. Flattening


@pytest.mark.parametrize("form", FORMS)
def test_trap_6_flat_means_no_fields_no_widgets_and_nothing_dangling(form: str, source: Path | None, tmp_path: Path, poppler: str) -> None:
    flat = done(form, source).flat()
    with pikepdf.open(io.BytesIO(flat)) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert all("/Annots" not in page.obj for page in pdf.pages)
    assert not keys(flat) & {"/AcroForm", "/Annots", "/XFA", "/Perms"}
    pictures(flat, poppler, tmp_path)  # fails when poppler complains


@pytest.mark.parametrize("form", FORMS)
def test_trap_6_values_are_drawn_once(form: str, source: Path | None) -> None:
    """Drawn in the page and in the widget, text would be read twice and look bold."""
    finished = done(form, source)
    document = pypdfium2.PdfDocument(finished.flat())
    for value in finished.values:
        if len(value.text) > 9 and value.field.page == 1:
            words = squeezed(document[0].get_textpage().get_text_bounded(*value.field.rect))
            assert words == squeezed(value.text)
    document.close()


# ---- 14. Layers, links, pages, scripts


@pytest.mark.parametrize(("form", "page"), [("I-131", 5), ("G-28", 1)])
def test_trap_14_screen_only_words_would_be_printed(form: str, page: int, source: Path | None) -> None:
    words = "USPS ZIP Code Lookup" if source else SCREEN_WORDS
    number = page - 1 if source else 0
    before, after = page_text(blank(form, source).editable, number), page_text(blank(form, source).flat, number)
    assert words in before
    assert words not in after
    if source is None:
        assert PRINT_WORDS in after
    assert not keys(blank(form, source).flat) & {"/OCProperties"}


def page_text(pdf: bytes, number: int) -> str:
    """All text of a page, page numbers from 0."""
    document = pypdfium2.PdfDocument(pdf)
    text: str = document[number].get_textpage().get_text_range()
    document.close()
    return " ".join(text.split())


@pytest.mark.parametrize("form", KINDS)
def test_trap_14_pages_are_upright_letter_pages_and_fields_are_not_hidden(form: str, source: Path | None) -> None:
    with pikepdf.open(io.BytesIO(blank(form, source).flat)) as pdf:
        assert len(pdf.pages) == current(form).inventory.pages
        for page in pdf.pages:
            assert [float(v) for v in page.mediabox] == [0, 0, 612, 792]
            assert page.cropbox == page.mediabox
            assert int(page.obj.get("/Rotate", 0)) == 0
    with pikepdf.open(io.BytesIO(raw(form, source))) as pdf:
        assert {int(leaf.get("/F", 0)) for _, leaf in leaves(pdf)} <= {4, 68}


@pytest.mark.parametrize("form", KINDS)
def test_trap_14_the_copy_for_packets_has_neither_tags_nor_our_fonts_and_looks_the_same(form: str, source: Path | None) -> None:
    template = blank(form, source)
    with pikepdf.open(io.BytesIO(template.bare)) as pdf:
        for page in pdf.pages:
            assert page.resources.keys() == {"/XObject"}
            assert is_letter(page.obj)
            drawing = page.resources.XObject.Blank
            assert drawing.Resources.Font.keys().isdisjoint(preparing.FONTS)
            assert not {str(step.operator) for step in pikepdf.parse_content_stream(drawing)} & {"BMC", "BDC", "EMC", "MP", "DP"}
    for bare, flat in zip(pictures(template.bare, "pdfium", Path()), pictures(template.flat, "pdfium", Path()), strict=True):
        assert bare == flat


@pytest.mark.parametrize("form", FORMS)
def test_trap_14_pdfium_draws_an_arrow_on_empty_lists(form: str, source: Path | None) -> None:
    """Not in the flat copy: an empty list box is empty."""
    picture = pictures(blank(form, source).flat, "pdfium", Path())
    lists = [f for f in current(form).inventory.fields if f.type == "choice"]
    assert all(ink(picture[f.page - 1], f, 1.0) < INK for f in lists)


# ---- 15. The same edition comes in several files


def test_trap_15_barcodes_are_left_out_of_the_comparison() -> None:
    """One printing of the G-28 has four barcodes more than another."""
    fields = current("G-28").inventory.fields
    assert compare(fields, [f for f in fields if f.type != "barcode"]) == ()


def test_trap_15_a_re_printing_moves_boxes_a_little_and_lifts_limits() -> None:
    fields = current("G-28").inventory.fields
    printed = [replace(f, rect=(f.rect[0], f.rect[1] + 0.11, f.rect[2], f.rect[3] + 0.11), max_len=None) for f in fields]
    assert compare(fields, printed) == ()
    moved = [replace(f, rect=(f.rect[0], f.rect[1] + 18, f.rect[2], f.rect[3] + 18)) for f in fields]
    assert {c.kind for c in compare(fields, moved)} == {"rect"}


@pytest.mark.parametrize("form", FORMS)
def test_trap_15_the_footer_tells_the_edition_when_barcodes_do_not(form: str, source: Path | None) -> None:
    with pikepdf.open(io.BytesIO(raw(form, source))) as pdf:
        for _, leaf in leaves(pdf):
            if "BarCode" in str(leaf.T):
                del leaf["/V"]
        if source is None:
            foot = f"q 1 0 0 1 0 0 cm BT /TrapFont 8 Tf 36 24 Td (Form {form} Edition {current(form).inventory.edition}) Tj ET Q"
            pdf.pages[0].contents_add(pdf.make_stream(foot.encode()))
        out = io.BytesIO()
        pdf.save(out)
    read = read_form(out.getvalue(), "no barcodes")
    assert (read.form, read.edition, read.mixed) == (form, current(form).inventory.edition, ())


def test_trap_15_the_printed_expiry_does_not_tell_old_from_new(official: Path) -> None:
    """Both printings of the G-28 say that they expired in 2021, and are in use."""
    assert current("G-28").inventory.omb_expires == "05/31/2021"
    variants = official.parent / "variants"
    files = [official / "g-28.pdf", *(sorted(variants.glob("g-28*.pdf")) if variants.is_dir() else ())]
    assert {recognise(path.read_bytes(), path.name).form for path in files} == {"G-28"}


def test_a_template_from_the_cache_is_the_one_that_was_made(source: Path | None) -> None:
    made = blank("G-28", source)
    preparing._prepare.cache_clear()
    loaded = blank("G-28", source)
    assert loaded is not made
    assert loaded == made


def test_a_spoilt_cache_is_made_anew(source: Path | None) -> None:
    made = blank("G-28", source)
    preparing._prepare.cache_clear()
    for index in Path(platformdirs.user_cache_dir("parole-packet")).glob("forms/*/index.json"):
        index.write_text("{")
    assert blank("G-28", source) == made
