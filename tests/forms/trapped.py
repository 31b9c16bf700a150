"""A facsimile with all that the official files carry beside their fields: XFA, usage rights, encryption, scripts, layers, barcodes."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from pipeline.forms.editions import current
from pipeline.forms.facsimile import draw_facsimile
from pipeline.forms.reader import FACSIMILE_MARK, leaves
from pipeline.forms.store import OfficialForm, find_official
from pipeline.forms.template import FormTemplate, prepare

SCREEN_WORDS = "Screen only"
PRINT_WORDS = "Print only"
_RICH, _JS = 1 << 25, "app.alert('old reader')"


@cache
def trapped_bytes(form: str) -> bytes:
    """The file: recognised as the form, and with every trap in it."""
    with pikepdf.open(io.BytesIO(draw_facsimile(current(form).inventory))) as pdf:
        del pdf.Root[FACSIMILE_MARK]
        _scripts_and_rights(pdf)
        _layers(pdf)
        for name, leaf in leaves(pdf):
            _rich_or_preset(leaf)
            if "BarCode" in name:
                _barcode(pdf, leaf)
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="publisher", user="", R=4, allow=pikepdf.Permissions(modify_assembly=False)))
    return out.getvalue()


def blank(form: str, official: Path | None) -> FormTemplate:
    """The prepared official form of a folder, or the prepared trapped facsimile."""
    if official is not None:
        return prepare(current(form), find_official(form, official)[0])
    data = trapped_bytes(form)
    return prepare(current(form), OfficialForm(current(form), Path("trapped.pdf"), hashlib.sha256(data).hexdigest(), data))


def _scripts_and_rights(pdf: pikepdf.Pdf) -> None:
    form, script = pdf.Root.AcroForm, Dictionary(S=Name.JavaScript, JS=String(_JS))
    form["/XFA"] = Array([String("template"), pdf.make_stream(b"<template/>"), String("datasets"), pdf.make_stream(b"<blank/>")])
    form["/SigFlags"], form["/NeedAppearances"] = 1, True
    pdf.Root["/Perms"] = Dictionary(UR3=Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3])))
    pdf.Root["/Extensions"] = Dictionary(ADBE=Dictionary(BaseVersion=Name("/1.7"), ExtensionLevel=8))
    pdf.Root["/OpenAction"], pdf.Root["/Names"] = script, Dictionary(JavaScript=Dictionary(Names=Array([String("check"), script])))
    pdf.Root["/AA"] = Dictionary(WP=script)
    pdf.pages[0].obj["/AA"] = Dictionary(O=script)
    pdf.docinfo["/Producer"] = "A designer"


def _layers(pdf: pikepdf.Pdf) -> None:
    """A screen-only and a print-only layer on page 1, each with a word, and a link that belongs to the screen."""
    screen, paper = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(n))) for n in ("ViewOnly Layer", "PrintOnly Layer"))
    pdf.Root["/OCProperties"] = Dictionary(OCGs=Array([screen, paper]), D=Dictionary(BaseState=Name.OFF, ON=Array([screen])))
    page = pdf.pages[0]
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    page.add_resource(font, Name.Font, Name("/TrapFont"))
    page.add_resource(screen, Name("/Properties"), Name("/Scr"))
    page.add_resource(paper, Name("/Properties"), Name("/Pap"))
    words = ((b"/Scr", SCREEN_WORDS, 775), (b"/Pap", PRINT_WORDS, 785))
    drawn = b"\n".join(b"/OC %s BDC BT /TrapFont 6 Tf 300 %d Td (%s) Tj ET EMC" % (name, y, text.encode()) for name, text, y in words)
    page.contents_add(pdf.make_stream(drawn))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([300, 770, 340, 780]), OC=screen, Border=Array([0, 0, 1]))
    page.obj.Annots.append(pdf.make_indirect(link))


def _rich_or_preset(leaf: pikepdf.Object) -> None:
    if int(leaf.get("/Ff", 0)) & (1 << 12):
        leaf["/Ff"] = int(leaf.Ff) | _RICH
        leaf["/DS"], leaf["/RV"] = String("font: 10pt"), String("<body/>")
        leaf["/AA"] = Dictionary(K=Dictionary(S=Name.JavaScript, JS=String(_JS)))
    if leaf.FT == "/Ch":
        leaf["/V"] = String(" ")


def _barcode(pdf: pikepdf.Pdf, leaf: pikepdf.Object) -> None:
    """A picture of bars, as the publisher's own: a viewer told to make appearances itself prints the value instead."""
    x0, y0, x1, y1 = (float(v) for v in leaf.Rect)
    bars = b"\n".join(b"%d 0 2 %d re f" % (x, int(y1 - y0)) for x in range(0, int(x1 - x0), 5))
    leaf["/AP"] = Dictionary(N=pdf.make_stream(b"0 g\n" + bars, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, x1 - x0, y1 - y0])))
