"""Editions: which files are taken for which form, and which are refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path

import pikepdf
import pytest
from msgspec.structs import replace

from pipeline.errors import FormFileError
from pipeline.forms import store
from pipeline.forms.compare import compare
from pipeline.forms.editions import current, editions
from pipeline.forms.facsimile import draw_facsimile
from pipeline.forms.inventory import dump_inventory, load_inventory
from pipeline.forms.reader import FACSIMILE_MARK, read_form
from pipeline.forms.store import add, find_official, recognise

FORMS = ("I-131", "I-134", "G-28", "G-1145")


def as_official(form: str) -> bytes:
    """A facsimile without its mark: a file that says it is the form, with the form's fields."""
    with pikepdf.open(io.BytesIO(draw_facsimile(current(form).inventory))) as pdf:
        del pdf.Root[FACSIMILE_MARK]
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def edited(form: str, change: str) -> bytes:
    """Such a file with one field renamed, one state changed, or another edition in its barcodes."""
    with pikepdf.open(io.BytesIO(as_official(form))) as pdf:
        if change.startswith("edition "):
            for item in pdf.objects:
                if isinstance(item, pikepdf.Dictionary) and "BarCode" in str(item.get("/T", "")):
                    item["/V"] = pikepdf.String(str(item.V).replace(current(form).inventory.edition, change.removeprefix("edition ")))
            for page in pdf.pages:
                page.obj["/Contents"] = pdf.make_stream(b"")
        else:
            box = next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/FT") == "/Btn")
            if change == "rename":
                box["/T"] = pikepdf.String("Renamed[0]")
            else:
                box["/AP"] = pikepdf.Dictionary(N=pikepdf.Dictionary({"/On": next(iter(dict(box.AP.N).values()))}))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_inventory_survives_being_written(form: str, tmp_path: Path) -> None:
    path = current(form).folder / "inventory.json"
    again = tmp_path / "inventory.json"
    again.write_text(dump_inventory(load_inventory(path)), encoding="utf-8")
    assert load_inventory(again) == load_inventory(path)


@pytest.mark.parametrize("form", [e.form for e in editions()])
def test_official_file_has_the_inventory_we_carry(form: str, official: Path) -> None:
    edition = current(form)
    path = official / f"{form.lower()}.pdf"
    read = read_form(path.read_bytes(), path.name)
    assert (read.form, read.edition, read.pages, read.mixed) == (form, edition.inventory.edition, edition.inventory.pages, ())
    assert compare(edition.inventory.fields, read.fields) == ()
    assert compare(read.fields, edition.inventory.fields) == ()


@pytest.mark.parametrize("form", FORMS)
def test_facsimile_has_the_inventory_we_carry(form: str) -> None:
    inventory = current(form).inventory
    read = read_form(draw_facsimile(inventory), form)
    assert compare(inventory.fields, read.fields) == ()
    assert [f.max_len for f in read.fields] == [inventory.by_name[f.name].max_len for f in read.fields]
    assert read.facsimile


@pytest.mark.parametrize("form", ["G-28", "G-1145"])
def test_same_fields_in_new_bytes_are_accepted(form: str, tmp_path: Path) -> None:
    data = as_official(form)
    assert recognise(data, "new.pdf") is current(form)
    file = tmp_path / "download (3).pdf"
    file.write_bytes(data)
    added = add(file, tmp_path / "forms")
    assert added.path.name == f"{form.lower()}.pdf"
    found, refused = find_official(form, tmp_path / "forms")
    assert found is not None
    assert found.data == data
    assert refused == ()


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        ("rename", "form-changed", "renamed"),
        ("state", "form-changed", "on_state"),
        ("edition 09/26/17", "form-superseded", "09/26/17"),
        ("edition 01/01/27", "form-newer", "01/01/27"),
    ],
)
def test_other_editions_and_changed_fields_are_refused(change: str, rule: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "g-28.pdf"
    file.write_bytes(edited("G-28", change))
    with pytest.raises(FormFileError) as caught:
        add(file, tmp_path / "forms")
    assert {f.rule for f in caught.value.findings} == {rule}
    assert says in caught.value.findings[0].message
    assert not (tmp_path / "forms").exists()


def test_a_superseded_file_in_the_folder_is_named_not_used(tmp_path: Path) -> None:
    (tmp_path / "g-28.pdf").write_bytes(edited("G-28", "edition 09/26/17"))
    found, refused = find_official("G-28", tmp_path)
    assert found is None
    assert [f.rule for f in refused] == ["form-superseded"]
    assert find_official("I-131", tmp_path) == (None, ())


def test_what_cannot_be_read_in_the_folder_is_named_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "weird.pdf").mkdir()
    (tmp_path / "lost.pdf").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.pdf")
    found, refused = find_official("G-28", tmp_path)
    assert found is None
    assert [(f.rule, f.where) for f in refused] == [("form-unreadable", f"{name}.pdf") for name in ("lost", "pipe", "weird")]
    assert all("Form G-28" in f.message and f.remedy for f in refused)
    (tmp_path / "z.pdf").write_bytes(as_official("G-28"))
    found, refused = find_official("G-28", tmp_path)
    assert found is not None
    assert (found.sha256, refused) == (hashlib.sha256(found.data).hexdigest(), ())


def test_a_facsimile_is_never_taken_for_the_form(tmp_path: Path) -> None:
    file = tmp_path / "i-131.pdf"
    file.write_bytes(draw_facsimile(current("I-131").inventory))
    with pytest.raises(FormFileError) as caught:
        add(file, tmp_path / "forms")
    assert caught.value.findings[0].rule == "form-facsimile"


@pytest.mark.parametrize(
    ("data", "rule"), [(b"", "form-not-pdf"), (b"<html>not found</html>", "form-not-pdf"), (b"%PDF-1.7\n", "form-not-pdf")]
)
def test_files_that_are_no_forms_are_refused(data: bytes, rule: str, tmp_path: Path) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(data)
    with pytest.raises(FormFileError) as caught:
        add(file, tmp_path / "forms")
    assert caught.value.findings[0].rule == "form-not-pdf"


def test_a_pdf_without_fields_is_refused() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out)
    with pytest.raises(FormFileError) as caught:
        recognise(out.getvalue(), "flat.pdf")
    assert caught.value.findings[0].rule == "form-no-fields"


def test_a_looser_limit_is_no_change_and_a_tighter_one_is() -> None:
    fields = current("G-28").inventory.fields
    loose = [replace(f, max_len=None) for f in fields]
    tight = [replace(f, max_len=3) if f.max_len else f for f in fields]
    assert compare(fields, loose) == ()
    assert {c.kind for c in compare(fields, tight)} == {"max_len"}


def test_a_moved_and_renamed_field_is_matched_by_its_place() -> None:
    fields = current("G-1145").inventory.fields
    renamed = [replace(f, name="other." + f.name) for f in fields]
    changes = compare(fields, renamed)
    assert {c.kind for c in changes} == {"renamed"}
    assert all(str(c.new) == f"other.{c.field}" for c in changes)


def test_other_bytes_of_the_accepted_editions_and_superseded_ones(official: Path) -> None:
    """`variants` holds re-written files of the accepted editions, `old` superseded ones; both lie beside the official blanks."""
    variants, old = official.parent / "variants", official.parent / "old"
    if not variants.is_dir() or not old.is_dir():
        pytest.skip("needs the folders variants and old beside the official blanks")
    for path in sorted(variants.glob("*.pdf")):
        assert recognise(path.read_bytes(), path.name) is current(recognise(path.read_bytes(), path.name).form)
    refused = {}
    for path in sorted(old.glob("*.pdf")):
        with pytest.raises(FormFileError) as caught:
            recognise(path.read_bytes(), path.name)
        refused[path.name] = (caught.value.findings[0].rule, caught.value.findings[0].message)
    assert {rule for rule, _ in refused.values()} == {"form-superseded"}
    assert all(any(date in message for date in ("12/23/16", "11/30/16", "09/27/19")) for _, message in refused.values())


def test_the_registry_names_publishers_over_https() -> None:
    for edition in editions():
        head = json.loads((edition.folder / "inventory.json").read_text(encoding="utf-8"))
        assert head["source_url"].startswith("https://")
    assert store.default_folder().name


def test_the_users_own_forms_folder_need_not_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PACKET_FORMS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_official("I-131") == (None, ())
