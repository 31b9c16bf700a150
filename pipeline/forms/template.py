"""A form edition made ready for filling, once: an editable copy and a flat copy of the blank, and where its fields stand.

The editable copy has neither XFA, usage rights, encryption nor scripts, and holds our embedded fonts.  The flat copy has no
fields at all: what every widget showed (barcodes above all) is page content, screen-only layers are gone, and each page's
resources hold the fonts, so that a filled page is this page and one more content stream.  For packets, which bring the fonts
themselves, there is the flat copy without them.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

import pikepdf
from msgspec import Struct
from msgspec.structs import asdict
from pikepdf import Name

from pipeline.forms import facsimile, reader
from pipeline.forms.editions import Edition
from pipeline.forms.inventory import Inventory
from pipeline.forms.reader import leaves, open_form
from pipeline.forms.store import OfficialForm
from pipeline.sealed import Sealed
from pipeline.storage import Shelf, made_by
from pipeline.typeset import fonts as lifting
from pipeline.typeset.fonts import MONO, SERIF, lift

FONTS = {"/PpMono": MONO, "/PpSerif": SERIF}
"""Resource name to font family: values are drawn in the first font that has all their characters."""

_RICH_TEXT = 1 << 25
_READ_ONLY, _LOCKED = 1, 1 << 6
"""Field and annotation flags of a box that only the form's own scripts would open."""
_SCREEN_ONLY = ("ViewOnly Layer",)
_OF_A_PAGE = frozenset({"/Contents", "/CropBox", "/MediaBox", "/Parent", "/Resources", "/Rotate", "/Type"})
_LETTER = (0, 0, 612, 792)
_TAGS = ("BMC", "BDC", "EMC", "MP", "DP")


class Slot(Struct, frozen=True):
    """An object to be written again: its number, and its dictionary without what changes, unclosed.

    A field of the editable copy lacks its value and appearance, a page of the flat copy its contents.
    """

    number: int
    head: bytes


class FormTemplate(Sealed, frozen=True):
    """A prepared form edition."""

    inventory: Inventory
    source: str
    """official or facsimile."""
    sha256: str
    """Of the file that it was made from."""
    editable: bytes
    flat: bytes
    bare: bytes
    """The flat copy without our fonts and without tags, which would lead nowhere in a packet; each page is one drawing, `/Blank`."""
    slots: Mapping[str, Slot]
    fonts: Mapping[str, int]
    """Resource name to object number in the editable copy."""
    pages: tuple[tuple[Slot, int], ...]
    """Each page of the flat copy, and the object number of its contents."""


def prepare(edition: Edition, official: OfficialForm | None) -> FormTemplate:
    """The template of an official file, or of a facsimile when there is none; kept in memory and in the user's cache."""
    return _prepare(edition, official.data if official else None)


@cache
def _shelf() -> Shelf:
    modules = (facsimile, lifting, reader, sys.modules[__name__])
    return Shelf("forms", made_by((Path(module.__file__ or "") for module in modules), "pikepdf", "typst"))


@lru_cache(maxsize=32)
def _prepare(edition: Edition, data: bytes | None) -> FormTemplate:
    source = "official" if data else "facsimile"
    seed = data or (edition.folder / "inventory.json").read_bytes()
    if kept := _shelf().find(source.encode(), seed):
        return FormTemplate(inventory=edition.inventory, **pickle.loads(kept))
    made = _make(edition, source, data or facsimile.draw_facsimile(edition.inventory))
    rest = asdict(made)
    del rest["inventory"]  # is at hand, and slow to unpickle
    _shelf().keep(pickle.dumps(rest), source.encode(), seed)
    return made


def _make(edition: Edition, source: str, data: bytes) -> FormTemplate:
    editable = _editable(data, edition.inventory)
    with pikepdf.open(io.BytesIO(editable)) as pdf:
        slots = {name: Slot(leaf.objgen[0], _head(leaf)) for name, leaf in leaves(pdf)}
        fonts = {name: pdf.Root.AcroForm.DR.Font[name].objgen[0] for name in FONTS}
    flat = _flat(editable)
    with pikepdf.open(io.BytesIO(flat)) as pdf:
        pages = tuple((Slot(p.obj.objgen[0], _without(p.obj, "/Contents")), p.obj.Contents.objgen[0]) for p in pdf.pages)
    return FormTemplate(edition.inventory, source, hashlib.sha256(data).hexdigest(), editable, flat, _bare(flat), slots, fonts, pages)


def _editable(data: bytes, inventory: Inventory) -> bytes:
    with open_form(data, "form") as pdf:
        for key in ("/Perms", "/OpenAction", "/AA", "/Names", "/Extensions"):
            if key in pdf.Root:
                del pdf.Root[key]
        form = pdf.Root.AcroForm
        for key in ("/XFA", "/SigFlags", "/NeedAppearances"):
            if key in form:
                del form[key]
        for page in pdf.pages:
            if "/AA" in page.obj:
                del page.obj["/AA"]
        for name, leaf in leaves(pdf):
            _plain_text(leaf)
            if name in inventory.by_name and inventory.by_name[name].type in ("text", "checkbox", "choice"):
                _unlock(leaf)
        resources = form.get("/DR") or pikepdf.Dictionary()
        fonts = resources.get("/Font") or pikepdf.Dictionary()
        for name, family in FONTS.items():
            fonts[name] = lift(family).install(pdf)
        resources["/Font"] = fonts
        form["/DR"] = resources
        _no_metadata(pdf)
        return _saved(pdf)


def _plain_text(leaf: pikepdf.Object) -> None:
    """Rich text boxes become plain ones, so that no reader looks for a rich value that we do not write."""
    if int(leaf.get("/Ff", 0)) & _RICH_TEXT:
        leaf["/Ff"] = int(leaf.Ff) & ~_RICH_TEXT
    for key in ("/DS", "/RV", "/AA"):
        if key in leaf:
            del leaf[key]


def _unlock(leaf: pikepdf.Object) -> None:
    """Boxes that the form's scripts would open stay open, since the scripts are gone; pen and barcode boxes stay locked."""
    leaf["/Ff"] = int(leaf.get("/Ff", 0)) & ~_READ_ONLY
    leaf["/F"] = int(leaf.get("/F", 0)) & ~_LOCKED


def _head(leaf: pikepdf.Object) -> bytes:
    """A field without its value; a checkbox keeps its appearances, which are the form's own."""
    return _without(leaf, "/V", "/AS") if leaf.FT == "/Btn" else _without(leaf, "/V", "/AP")


def _without(item: pikepdf.Object, *left_out: str) -> bytes:
    return pikepdf.Dictionary({key: item[key] for key in item.keys() if key not in left_out}).unparse().removesuffix(b">>")


def _flat(editable: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(editable)) as pdf:
        fonts = {name: pdf.Root.AcroForm.DR.Font[name] for name in FONTS}
        hidden = _hidden_layers(pdf)
        pdf.flatten_annotations("all")
        for page in pdf.pages:
            _drop_layers(pdf, page, hidden)
            for key in page.obj.keys() - _OF_A_PAGE:
                del page.obj[key]
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q")
            page.contents_coalesce()
            page.remove_unreferenced_resources()
            here = page.resources.get("/Font") or pikepdf.Dictionary()
            page.resources["/Font"] = pikepdf.Dictionary({**{k: here[k] for k in here.keys()}, **fonts})
        for key in list(pdf.Root.keys()):
            if key not in ("/Type", "/Pages", "/Lang"):
                del pdf.Root[key]
        return _saved(pdf)


def _bare(flat: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(flat)) as pdf:
        for page in pdf.pages:
            fonts = page.resources.Font
            page.resources["/Font"] = pikepdf.Dictionary({name: fonts[name] for name in fonts.keys() if name not in FONTS})
            if "/Properties" in page.resources:
                del page.resources["/Properties"]
            drawn = [step for step in pikepdf.parse_content_stream(page) if str(step.operator) not in _TAGS]
            _draw_as_one(pdf, page, pikepdf.unparse_content_stream(drawn))
        return _saved(pdf)


def _draw_as_one(pdf: pikepdf.Pdf, page: pikepdf.Page, content: bytes) -> None:
    """Makes all that a page shows one drawing, as pages of evidence are; an upright page of letter size says so as they do."""
    drawing = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=page.mediabox, Resources=page.resources)
    page.obj["/Contents"] = pdf.make_stream(b"q 1 0 0 1 0 0 cm /Blank Do Q\n")
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Blank=drawing))
    letter = pikepdf.Array(_LETTER)  # made anew: an array belongs to the PDF that it was first put into
    if page.cropbox == page.mediabox == letter and int(page.obj.get("/Rotate", 0)) == 0:
        page.obj["/MediaBox"] = letter
        for key in page.obj.keys() & {"/CropBox", "/Rotate"}:
            del page.obj[key]


def _hidden_layers(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    groups: Iterable[pikepdf.Object] = pdf.Root.OCProperties.get("/OCGs", ()) if "/OCProperties" in pdf.Root else ()
    return {group.objgen for group in groups if str(group.get("/Name", "")) in _SCREEN_ONLY}


def _drop_layers(pdf: pikepdf.Pdf, page: pikepdf.Page, hidden: set[tuple[int, int]]) -> None:
    """Take out what a print of the form would not show: marked content of screen-only layers."""
    properties = page.resources.get("/Properties", pikepdf.Dictionary())
    names = {name for name in properties.keys() if properties[name].objgen in hidden}
    if not names:
        return
    kept, depth = [], 0
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        if depth or (operator == "BDC" and len(operands) == 2 and operands[0] == Name.OC and str(operands[1]) in names):
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(operator, 0)
        else:
            kept.append(instruction)
    page.obj["/Contents"] = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def _no_metadata(pdf: pikepdf.Pdf) -> None:
    if "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=True, deterministic_id=True)
    return out.getvalue()
