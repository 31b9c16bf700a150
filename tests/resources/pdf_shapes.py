"""PDFs that are sound, and differ in the shape of their pages and in what surrounds the drawing."""

from __future__ import annotations

import zlib
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.resources.building import add_page, corner_marks, font, marked_page, pages, saved, words
from tests.resources.catalogue import Catalogue

SHAPES: Final = Catalogue()

_BELOW = "evidence-small-text"
_REPAIRED = "evidence-damaged-repaired"


@SHAPES.add("text-3-pages.pdf", "Three letter pages of text.", pages=3)
def text_3_pages() -> bytes:
    return pages(words("First page"), words("Second page"), words("Third page"))


@SHAPES.add("object-streams.pdf", "Objects inside compressed object streams.", pages=2)
def object_streams() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("One"))
    add_page(pdf, words("Two"))
    return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@SHAPES.add("linearized.pdf", "Arranged for the web.", pages=2)
def linearized() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("One"))
    add_page(pdf, words("Two"))
    return saved(pdf, linearize=True)


@SHAPES.add("rotate-90.pdf", "/Rotate 90.")
def rotate_90() -> bytes:
    return marked_page((0, 0, 792, 612), turn=90)


@SHAPES.add("rotate-180.pdf", "/Rotate 180.")
def rotate_180() -> bytes:
    return marked_page((0, 0, 612, 792), turn=180)


@SHAPES.add("rotate-minus-90.pdf", "/Rotate -90, which is 270.")
def rotate_minus_90() -> bytes:
    return marked_page((0, 0, 792, 612), turn=-90)


@SHAPES.add("crop-offset.pdf", "A CropBox that begins elsewhere than the MediaBox.")
def crop_offset() -> bytes:
    return marked_page((0, 0, 800, 1000), crop=(100, 120, 700, 900))


@SHAPES.add("crop-outside.pdf", "A CropBox that does not touch the MediaBox: the MediaBox counts.")
def crop_outside() -> bytes:
    return pages(words("Still here"), CropBox=Array([2000, 2000, 2100, 2100]))


@SHAPES.add("crop-empty.pdf", "A CropBox without area: the MediaBox counts.")
def crop_empty() -> bytes:
    return pages(words("Still here"), CropBox=Array([0, 0, 0, 0]))


@SHAPES.add("mediabox-reversed.pdf", "A MediaBox with its corners in another order, below zero.")
def mediabox_reversed() -> bytes:
    return pages(corner_marks((-300, -400, 312, 392), 0), box=(312, 392, -300, -400))


@SHAPES.add("mediabox-missing.pdf", "No MediaBox anywhere: letter size counts.", _REPAIRED)
def mediabox_missing() -> bytes:
    return pages(words("No box"), MediaBox=None)


@SHAPES.add("mediabox-nonsense.pdf", "A MediaBox of names: letter size counts.", _REPAIRED)
def mediabox_nonsense() -> bytes:
    return pages(words("No box"), MediaBox=Array([Name.A, Name.B, Name.C, Name.D]))


@SHAPES.add("inherited.pdf", "MediaBox, CropBox, /Rotate and /Resources stand at the parent of the page.")
def inherited() -> bytes:
    pdf = Pdf.new()
    crop = (50.0, 60.0, 650.0, 500.0)
    page = add_page(pdf, corner_marks(crop, 90), MediaBox=None, Resources=None)
    assert page.obj.Parent.objgen == pdf.Root.Pages.objgen
    parent = pdf.Root.Pages
    parent.MediaBox = Array([0, 0, 700, 560])
    parent.CropBox = Array(list(crop))
    parent.Rotate = 90
    parent.Resources = Dictionary(Font=Dictionary(F1=font(pdf)))
    return saved(pdf)


@SHAPES.add("user-unit.pdf", "/UserUnit 2: the page is twice as large as its numbers.")
def user_unit() -> bytes:
    return marked_page((0, 0, 300, 400), unit=2)


@SHAPES.add("a4.pdf", "A4 upright.")
def a4() -> bytes:
    return marked_page((0, 0, 595.276, 841.89))


@SHAPES.add("a4-landscape.pdf", "A4 across.")
def a4_landscape() -> bytes:
    return marked_page((0, 0, 841.89, 595.276))


@SHAPES.add("legal.pdf", "Legal size.")
def legal() -> bytes:
    return marked_page((0, 0, 612, 1008))


@SHAPES.add("receipt.pdf", "A till receipt, small and long.")
def receipt() -> bytes:
    return marked_page((0, 0, 227, 680))


@SHAPES.add("poster.pdf", "A poster whose 18-point text ends below 5 points.", _BELOW)
def poster() -> bytes:
    line = words("A long line of text on a very large sheet of paper that nobody can read on letter paper", 100, 2000, 18)
    return pages(line, box=(0, 0, 2400, 3400))


@SHAPES.add("tiny.pdf", "One short word on the largest sheet that PDF knows.", _BELOW)
def tiny() -> bytes:
    return pages(words("Here", 7000, 7000), box=(0, 0, 14_400, 14_400))


@SHAPES.add("fine-print.pdf", "Text of 4 points.", _BELOW)
def fine_print() -> bytes:
    return pages(words("The conditions on the back of a ticket, which are always printed in letters too small to read", size=4))


@SHAPES.add("raised-figure.pdf", "One small raised figure, which is no fine print.")
def raised_figure() -> bytes:
    return pages(words("Area in square feet") + words("2", 180, 704, 4))


@SHAPES.add("blank-page.pdf", "The second of two pages shows nothing.", "evidence-blank-page", pages=2)
def blank_page() -> bytes:
    return pages(words("Something"), b"")


@SHAPES.add("white-page.pdf", "A page covered by a white rectangle.", "evidence-blank-page")
def white_page() -> bytes:
    return pages(b"1 g 0 0 612 792 re f")


@SHAPES.add("one-space.pdf", "A page whose only text is a space, as word processors write it.", "evidence-blank-page")
def one_space() -> bytes:
    return pages(words(" "))


@SHAPES.add("no-contents.pdf", "A sound file with a page without /Contents.", "evidence-blank-page", pages=2)
def no_contents() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("Something"))
    add_page(pdf, b"", Contents=None)
    return saved(pdf)


@SHAPES.add("unbalanced.pdf", "Contents that save the graphics state and never restore it, scaled to a tenth.")
def unbalanced() -> bytes:
    return pages(b"q q 0.1 0 0 0.1 0 0 cm " + words("Tenfold", 720, 7000, 120))


@SHAPES.add("split-contents.pdf", "Contents in three streams that break between two operands.")
def split_contents() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    parts = (b"BT /F1 12 Tf 72", b"700 Td (Split)", b"Tj ET")
    page.obj.Contents = Array([pdf.make_stream(part) for part in parts])
    return saved(pdf)


@SHAPES.add("ascii-filters.pdf", "Contents behind /ASCIIHexDecode and then /FlateDecode.")
def ascii_filters() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    page.obj.Contents.write(
        zlib.compress(words("Hidden in hex")).hex().encode() + b">",
        filter=Array([Name.ASCIIHexDecode, Name.FlateDecode]),
        decode_parms=Array([None, None]),
    )
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


@SHAPES.add("bookmarks.pdf", "Nested bookmarks by page, by name, by action, to the outside and to nowhere.", pages=4)
def bookmarks() -> bytes:
    pdf = Pdf.new()
    for text in ("One", "Two", "Three", "Four"):
        add_page(pdf, words(text))
    names = Array([String("third"), Array([pdf.pages[2].obj, Name.Fit])])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=names))
    with pdf.open_outline() as outline:
        first = pikepdf.OutlineItem("Part one", 0)
        first.children.append(pikepdf.OutlineItem("Chapter two", 1))
        first.children.append(pikepdf.OutlineItem("By\x07 name", String("third")))
        outside = pikepdf.OutlineItem("Outside", action=Dictionary(S=Name.URI, URI=String("https://example.org")))
        by_action = pikepdf.OutlineItem("By action", action=Dictionary(S=Name.GoTo, D=Array([pdf.pages[3].obj, Name.Fit])))
        nowhere = pikepdf.OutlineItem("Nowhere", String("missing"))
        outline.root.extend([first, outside, by_action, nowhere])
    return saved(pdf)


@SHAPES.add("bookmark-loop.pdf", "Bookmarks whose /Next leads back to the first.")
def bookmark_loop() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("One"))
    first = pdf.make_indirect(Dictionary(Title=String("First"), Dest=Array([pdf.pages[0].obj, Name.Fit])))
    first.Next = first
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=first, Last=first, Count=1))
    return saved(pdf)


@SHAPES.add("shared-resources.pdf", "Three pages share one resource dictionary, with a picture that only the third shows.", pages=3)
def shared_resources() -> bytes:
    pdf = Pdf.new()
    for text in ("One", "Two", "Three"):
        add_page(pdf, words(text))
    picture = pdf.make_stream(bytes(range(256)) * 4, Type=Name.XObject, Subtype=Name.Image, Width=32, Height=32)
    picture.BitsPerComponent, picture.ColorSpace = 8, Name.DeviceGray
    shared = pdf.make_indirect(Dictionary(Font=Dictionary(F1=font(pdf)), XObject=Dictionary(Im1=picture)))
    for page in pdf.pages:
        page.obj.Resources = shared
    pdf.pages[2].contents_add(b"q 100 0 0 100 72 400 cm /Im1 Do Q", prepend=False)
    return saved(pdf)


@SHAPES.add("name-traps.pdf", "Fonts and pictures called /F, /A and /JS, which are names and no actions.")
def name_traps() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"BT /F 12 Tf 72 700 Td (Font F) Tj /A 12 Tf 0 -20 Td (Font A) Tj /JS 12 Tf 0 -20 Td (Font JS) Tj ET")
    page.obj.Resources = Dictionary(Font=Dictionary(F=font(pdf), A=font(pdf), JS=font(pdf)))
    return saved(pdf)


@SHAPES.add(
    "names-like-entries.pdf",
    "Pictures, a colour, a state and glyphs called /A, /F, /S, /JS, /Type and /Length; and texts where resources belong.",
)
def names_like_entries() -> bytes:
    pdf = Pdf.new()
    content = b"q 90 0 0 90 72 600 cm /S Do Q q 90 0 0 90 172 600 cm /F Do Q q 90 0 0 90 272 600 cm /A Do Q "
    content += b"/Type cs 1 scn 72 480 90 90 re f 0 g q /S gs 172 480 90 90 re f Q BT /T3 90 Tf 72 380 Td (AFSX) Tj ET"
    page = add_page(pdf, content)
    glyphs = Dictionary({f"/{name}": pdf.make_stream(b"600 0 0 0 500 500 d1 0 0 500 500 re f") for name in "AFS"})
    glyphs.X = pdf.make_stream(b"600 0 0 0 500 500 d1")
    type3 = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 500, 500]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=pdf.make_indirect(glyphs),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([65, Name.A, 70, Name.F, 83, Name.S, 88, Name.X])),
        FirstChar=65,
        LastChar=88,
        Widths=Array([600] * 24),
        Resources=Dictionary(),
    )
    red, green, blue = (_dot(pdf, colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255)))
    tint = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([1, 0, 1]), N=1)
    page.obj.Resources = Dictionary(
        Font=Dictionary(T3=pdf.make_indirect(type3)),
        XObject=pdf.make_indirect(Dictionary(S=red, F=green, A=blue, Length=red, JS=red)),
        ExtGState=Dictionary(S=Dictionary(Type=Name.ExtGState, ca=0.5)),
        ColorSpace=Dictionary(Type=Array([Name.Separation, Name("/Rose"), Name.DeviceRGB, tint])),
        Properties=Dictionary(A=Dictionary(JS=String("private words")), URI=String("private words")),
        Private=Dictionary(Words=String("private words")),
    )
    return saved(pdf)


def _dot(pdf: Pdf, colour: tuple[int, int, int]) -> Stream:
    entries = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1, "ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8}
    return pdf.make_stream(bytes(colour), **entries)


@SHAPES.add("transparency.pdf", "A page with a transparency group and half-transparent ink.")
def transparency() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"/Half gs 1 0 0 rg 100 300 200 200 re f 0 0 1 rg 200 400 200 200 re f")
    page.obj.Resources.ExtGState = Dictionary(Half=Dictionary(Type=Name.ExtGState, ca=0.5, BM=Name.Multiply))
    page.obj.Group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceRGB, I=True)
    return saved(pdf)
