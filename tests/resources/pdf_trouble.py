"""PDFs that are locked, damaged, hostile, or hold more than pages."""

from __future__ import annotations

import zlib
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Permissions, String

from tests.resources.building import add_page, appearance, font, form_with, mark, pages, saved, widget, words, zipped
from tests.resources.catalogue import Catalogue
from tests.resources.pictures import corners, encoded

TROUBLE: Final = Catalogue()

_DAMAGED = "evidence-damaged"
_REPAIRED = "evidence-damaged-repaired"
_SCRIPTS = "evidence-active-content-removed"


def _two_pages() -> bytes:
    return pages(words("First page"), words("Second page"))


def _one_page() -> Pdf:
    pdf = Pdf.new()
    add_page(pdf, words("A page"))
    return pdf


def _locked(owner: str, user: str) -> bytes:
    """Encrypted with RC4: its bytes, unlike those of AES, are the same each time."""
    lock = pikepdf.Encryption(
        owner=owner, user=user, R=3, allow=Permissions(print_highres=False, print_lowres=False), aes=False, metadata=False
    )
    return saved(_one_page(), encryption=lock, static_id=True)


def _without_object(pdf: bytes, within: bytes) -> bytes:
    """The bytes with the object that holds `within` blanked, in a file whose table still lists it."""
    start = pdf.rindex(b"\n", 0, pdf.rindex(b" obj", 0, pdf.index(within))) + 1
    end = pdf.index(b"endobj", start) + len(b"endobj")
    return pdf[:start] + bytes(end - start) + pdf[end:]


@TROUBLE.add("content-gone.pdf", "The second half of its page is zeros on the disk, and the table of objects is sound.", refused=_DAMAGED)
def content_gone() -> bytes:
    pdf = _one_page()
    pdf.pages[0].contents_add(words("The second half", y=300), prepend=False)
    return _without_object(saved(pdf, compress_streams=False), b"The second half")


@TROUBLE.add("picture-gone.pdf", "The picture on its page is zeros on the disk, and the table of objects is sound.", refused=_DAMAGED)
def picture_gone() -> bytes:
    pdf = _one_page()
    entries = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im1=pdf.make_stream(b"dot", **entries))
    pdf.pages[0].contents_add(b"q 90 0 0 90 72 300 cm /Im1 Do Q", prepend=False)
    return _without_object(saved(pdf, compress_streams=False), b"dot")


def _with_picture(data: bytes, **entries: object) -> bytes:
    pdf = _one_page()
    given = {"Type": Name.XObject, "Subtype": Name.Image, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, **entries}
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im1=pdf.make_stream(data, **given))
    pdf.pages[0].contents_add(b"q 400 0 0 400 72 200 cm /Im1 Do Q", prepend=False)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


@TROUBLE.add("scan-cut-off.pdf", "The JPEG on its page ends in the middle.", refused=_DAMAGED)
def scan_cut_off() -> bytes:
    data = encoded(corners(200, 200), "JPEG")
    return _with_picture(data[: len(data) // 2], Width=200, Height=200, ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode)


@TROUBLE.add("picture-cut-off.pdf", "The deflated picture on its page ends in the middle.", refused=_DAMAGED)
def picture_cut_off() -> bytes:
    data = zlib.compress(bytes(index * 37 % 251 for index in range(10_000)))
    return _with_picture(data[: len(data) // 2], Width=100, Height=100, Filter=Name.FlateDecode)


@TROUBLE.add("picture-bomb.pdf", "A picture of 60,000 by 60,000 dots in a few bytes.", refused="evidence-too-large")
def picture_bomb() -> bytes:
    fax = Dictionary(K=-1, Columns=60_000, Rows=60_000)
    return _with_picture(b"\x00\x10\x01", Width=60_000, Height=60_000, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=fax)


@TROUBLE.add("encrypted-user.pdf", "Opens only with the password `open sesame`.", refused="evidence-password")
def encrypted_user() -> bytes:
    return _locked("owner", "open sesame")


@TROUBLE.add("encrypted-owner.pdf", "Opens without a password and forbids printing.", "evidence-owner-password")
def encrypted_owner() -> bytes:
    return _locked("owner", "")


@TROUBLE.add("encrypted-unknown.pdf", "Encrypted by a handler that nobody knows.", refused="evidence-password")
def encrypted_unknown() -> bytes:
    return encrypted_owner().replace(b"/Filter /Standard", b"/Filter /Unknowns")


@TROUBLE.add("xref-lost.pdf", "The cross-reference table is overwritten; everything else is there.", _REPAIRED, pages=2)
def xref_lost() -> bytes:
    data = _two_pages()
    at = data.rindex(b"xref\n0 ")
    return data[:at] + b"xxxx" + data[at + 4 :]


@TROUBLE.add("junk-before.pdf", "Mail headers before the PDF begins.")
def junk_before() -> bytes:
    return b"Content-Type: application/pdf\r\n\r\n" + pages(words("After the junk"))


@TROUBLE.add("junk-after.pdf", "A kilobyte of a web page behind the PDF.", _REPAIRED)
def junk_after() -> bytes:
    return pages(words("Before the junk")) + b"\n<html>" + b"thank you for your download " * 60


@TROUBLE.add("cut-off.pdf", "The second half of the file is missing.", refused=_DAMAGED)
def cut_off() -> bytes:
    data = _two_pages()
    return data[: len(data) // 2]


@TROUBLE.add("cut-off-objects.pdf", "The end of a file with object streams is missing.", refused=_DAMAGED)
def cut_off_objects() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("One"))
    data = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return data[: len(data) * 9 // 10]


@TROUBLE.add("page-lost.pdf", "The page tree counts three pages and leads to two.", refused=_DAMAGED)
def page_lost() -> bytes:
    data = pages(words("One"), words("Two"), words("Three"))
    with_gap = data.replace(b"/Kids [ 3 0 R 4 0 R 5 0 R ]", b"/Kids [ 3 0 R 4 0 R 99 0 R]")
    assert with_gap != data
    return with_gap.replace(b"xref\n0 ", b"xxxx\n0 ")


@TROUBLE.add(
    "page-missing.pdf", "A sound cross-reference table, and a page tree that leads to an object that was never there.", refused=_DAMAGED
)
def page_missing() -> bytes:
    return _two_pages().replace(b"/Kids [ 3 0 R 4 0 R ]", b"/Kids [ 3 0 R 9 0 R ]")


@TROUBLE.add("contents-lost.pdf", "A page's contents point to an object that is not there.", refused=_DAMAGED)
def contents_lost() -> bytes:
    data = _two_pages()
    at = data.index(b"/Contents ")
    return (data[:at] + b"/Contents 99 0 R " + data[data.index(b"R", at + 10) + 1 :]).replace(b"xref\n0 ", b"xxxx\n0 ")


@TROUBLE.add("contents-torn.pdf", "A page's compressed contents break off.", refused=_DAMAGED)
def contents_torn() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    whole = zlib.compress(b"".join(words(f"Line {n}", y=700 - n * 10) for n in range(40)))
    page.obj.Contents.write(whole[: len(whole) // 2], filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@TROUBLE.add("wrong-checksum.pdf", "Complete contents with a wrong checksum, as some writers make them.")
def wrong_checksum() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    page.obj.Contents.write(zlib.compress(words("All here"))[:-4] + b"\0\0\0\0", filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@TROUBLE.add("zero-pages.pdf", "A PDF without pages.", refused="evidence-no-pages", pages=0)
def zero_pages() -> bytes:
    return saved(Pdf.new())


@TROUBLE.add("header-only.pdf", "A header and nothing behind it.", refused=_DAMAGED)
def header_only() -> bytes:
    return b"%PDF-1.7\n"


@TROUBLE.add("page-is-a-string.pdf", "A string stands where the page tree should have a page.", refused=_DAMAGED)
def page_is_a_string() -> bytes:
    return _two_pages().replace(b"/Kids [ 3 0 R 4 0 R ]", b"/Kids [ (x) (longer) ]")


def _inflating() -> bytes:
    """250 KB that inflate to 257 MB of spaces."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(257)) + packer.flush()


@TROUBLE.add("bomb.pdf", "Contents of 250 KB that inflate to 257 MB.", refused="evidence-too-large")
def bomb() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    page.obj.Contents.write(_inflating(), filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@TROUBLE.add("bomb-in-bomb.pdf", "Contents deflated twice.", refused="evidence-too-large")
def bomb_in_bomb() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    packed = zlib.compress(zlib.compress(b" " * 50_000_000, 9), 9)
    page.obj.Contents.write(packed, filter=Array([Name.FlateDecode, Name.FlateDecode]), decode_parms=Array([None, None]))
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


@TROUBLE.add("form-loop.pdf", "A drawing that draws itself.", "evidence-blank-page")
def form_loop() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"/Fm Do")
    form = pdf.make_stream(b"/Fm Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 100]))
    form.Resources = Dictionary(XObject=Dictionary(Fm=form))
    page.obj.Resources.XObject = Dictionary(Fm=form)
    return saved(pdf)


@TROUBLE.add("xfa-only.pdf", "A form that only Adobe Reader draws; the page says please wait.", refused="evidence-xfa-only")
def xfa_only() -> bytes:
    pdf = Pdf.new()
    add_page(pdf, words("Please wait..."))
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))
    pdf.Root.NeedsRendering = True
    return saved(pdf)


@TROUBLE.add("xfa-beside-form.pdf", "A filled form with XFA beside it.", "evidence-xfa-removed")
def xfa_beside_form() -> bytes:
    pdf = _one_page()
    field = widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("Filled"), DA=String("/Helv 12 Tf 0 g"))
    field.AP = Dictionary(N=appearance(pdf, b"BT /F1 12 Tf 2 5 Td (Filled) Tj ET", 228, 20))
    form_with(pdf, [field], XFA=pdf.make_stream(b"<xdp/>"))
    return saved(pdf)


@TROUBLE.add("form-empty-picture.pdf", "A text field with a value whose own picture shows nothing.", "evidence-value-unshown")
def form_empty_picture() -> bytes:
    pdf = _one_page()
    field = widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("Filled"), DA=String("/Helv 12 Tf 0 g"))
    field.AP = Dictionary(N=appearance(pdf, b"q 0.9 g 0 0 228 20 re f Q /Tx BMC EMC", 228, 20))
    form_with(pdf, [field])
    return saved(pdf)


@TROUBLE.add("form-drawn.pdf", "A text field and a ticked box with their appearances.")
def form_drawn() -> bytes:
    pdf = _one_page()
    text = widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("Filled"), DA=String("/Helv 12 Tf 0 g"))
    text.AP = Dictionary(N=appearance(pdf, b"BT /F1 12 Tf 2 5 Td (Filled) Tj ET", 228, 20))
    box = widget(pdf, "Btn", "agree", (72, 560, 92, 580), V=Name.Yes, AS=Name.Yes)
    box.AP = Dictionary(N=Dictionary(Yes=appearance(pdf, b"0 g 2 2 16 16 re f", 20, 20), Off=appearance(pdf, b"", 20, 20)))
    form_with(pdf, [text, box])
    return saved(pdf)


@TROUBLE.add("form-not-drawn.pdf", "A text field with a value and no appearance.")
def form_not_drawn() -> bytes:
    pdf = _one_page()
    form_with(pdf, [widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("Written in"), DA=String("/Helv 12 Tf 0 g"))])
    return saved(pdf)


@TROUBLE.add("form-stale.pdf", "A field whose appearance is out of date, and /NeedAppearances says so.")
def form_stale() -> bytes:
    pdf = _one_page()
    field = widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("New value"), DA=String("/Helv 12 Tf 0 g"))
    field.AP = Dictionary(N=appearance(pdf, b"BT /F1 12 Tf 2 5 Td (Old) Tj ET", 228, 20))
    form_with(pdf, [field], NeedAppearances=True)
    return saved(pdf)


@TROUBLE.add("form-other-letters.pdf", "A field without appearance whose value is in Ukrainian.", refused="evidence-form-value")
def form_other_letters() -> bytes:
    pdf = _one_page()
    form_with(pdf, [widget(pdf, "Tx", "name", (72, 600, 300, 620), V=String("Київ"), DA=String("/Helv 12 Tf 0 g"))])
    return saved(pdf)


@TROUBLE.add("signed.pdf", "A signature field with its picture.", "evidence-digital-signature")
def signed() -> bytes:
    pdf = _one_page()
    field = widget(pdf, "Sig", "signature", (72, 100, 272, 140), V=Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite")))
    field.AP = Dictionary(N=appearance(pdf, b"BT /F1 12 Tf 2 15 Td (Signed by hand of machine) Tj ET", 200, 40))
    form_with(pdf, [field], SigFlags=3)
    return saved(pdf)


def _annotated(*annotations: str, drawn: bool = True, flags: int = 4) -> bytes:
    pdf = _one_page()
    pdf.pages[0].obj.Annots = Array(
        [mark(pdf, kind, (72, 500 - 40 * n, 272, 530 - 40 * n), drawn, flags) for n, kind in enumerate(annotations)]
    )
    return saved(pdf)


@TROUBLE.add("mark-drawn.pdf", "A stamp and a highlight with their appearances.")
def mark_drawn() -> bytes:
    return _annotated("Stamp", "Highlight")


@TROUBLE.add("mark-not-drawn.pdf", "A highlight without an appearance.", "evidence-mark-lost")
def mark_not_drawn() -> bytes:
    return _annotated("Highlight", drawn=False)


@TROUBLE.add("mark-screen-only.pdf", "A stamp that is set not to print.", "evidence-mark-not-printed")
def mark_screen_only() -> bytes:
    return _annotated("Stamp", flags=0)


@TROUBLE.add("mark-hidden.pdf", "A hidden stamp, which stays hidden.")
def mark_hidden() -> bytes:
    return _annotated("Stamp", flags=2 | 4)


@TROUBLE.add("note.pdf", "A comment note.", "evidence-notes")
def note() -> bytes:
    return _annotated("Text", "Popup")


@TROUBLE.add("film.pdf", "A film in the page.", "evidence-media", _SCRIPTS)
def film() -> bytes:
    pdf = _one_page()
    pdf.pages[0].obj.Annots = Array([mark(pdf, "Screen", (72, 500, 272, 530), A=Dictionary(S=Name.Rendition))])
    return saved(pdf)


@TROUBLE.add("javascript.pdf", "Scripts in the catalog, on opening, on a page and behind a button.", _SCRIPTS)
def javascript() -> bytes:
    pdf = _one_page()
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.Root.OpenAction = script
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    pdf.pages[0].obj.AA = Dictionary(O=script)
    form_with(
        pdf, [widget(pdf, "Btn", "button", (72, 600, 172, 620), A=script, AP=Dictionary(N=appearance(pdf, b"0 0 100 20 re S", 100, 20)))]
    )
    return saved(pdf)


@TROUBLE.add("launch.pdf", "A link that starts a program, behind a harmless one.", _SCRIPTS)
def launch() -> bytes:
    pdf = _one_page()
    start = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    pdf.pages[0].obj.Annots = Array(
        [mark(pdf, "Link", (72, 500, 272, 530), drawn=False, A=Dictionary(S=Name.GoTo, D=String("x"), Next=start))]
    )
    return saved(pdf)


@TROUBLE.add("links.pdf", "Two links to web sites, one with a tracking number.", "evidence-links-removed")
def links() -> bytes:
    pdf = _one_page()
    addresses = ("https://example.org/", "https://example.org/?utm_source=mail&id=0155")
    actions = [Dictionary(S=Name.URI, URI=String(address)) for address in addresses]
    pdf.pages[0].obj.Annots = Array([mark(pdf, "Link", (72, 500, 272, 530), drawn=False, A=action) for action in actions])
    return saved(pdf)


def _attach(pdf: Pdf, files: dict[str, bytes]) -> None:
    """Attaches files to the document, deflated as writers do it."""
    entries: list[Object] = []
    for name, data in files.items():
        held = pdf.make_stream(zlib.compress(data, 9), Type=Name.EmbeddedFile, Filter=Name.FlateDecode)
        file = pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=held)))
        entries += [String(name), file]
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(entries)))


def _with_files(files: dict[str, bytes]) -> bytes:
    pdf = _one_page()
    _attach(pdf, files)
    return saved(pdf)


@TROUBLE.add("attachment.pdf", "A spreadsheet attached to the document.", "evidence-attachments")
def attachment() -> bytes:
    return _with_files({"a.csv": b"a,b\n1,2\n"})


@TROUBLE.add("attachments.pdf", "A PDF of two pages, a photo and an archive attached to the document.", "evidence-attachments")
def attachments() -> bytes:
    inner = pages(words("Inner page 1"), words("Inner page 2"))
    photo = encoded(corners(600, 800), "JPEG", dpi=(150, 150))
    return _with_files({"photo 10.jpg": photo, "letter 2.pdf": inner, "scans.zip": zipped({"a.txt": "A note"})})


@TROUBLE.add("attachment-pinned.pdf", "A file pinned to the page, which is also attached to the document.", "evidence-attachments")
def attachment_pinned() -> bytes:
    pdf = _one_page()
    _attach(pdf, {"note.txt": b"The pinned note\n"})
    pinned = Dictionary(
        Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([50, 50, 70, 70]), F=4, FS=pdf.Root.Names.EmbeddedFiles.Names[1]
    )
    pinned.AP = Dictionary(N=appearance(pdf, b"0 0 20 20 re f", 20, 20))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(pinned)])
    return saved(pdf)


@TROUBLE.add("attachment-associated.pdf", "A file that only the document's list of associated files names.", "evidence-attachments")
def attachment_associated() -> bytes:
    pdf = _one_page()
    held = pdf.make_stream(b"The associated note\n", Type=Name.EmbeddedFile)
    file = pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("a.txt"), EF=Dictionary(F=held), AFRelationship=Name.Data))
    pdf.Root.AF = Array([file])
    return saved(pdf)


@TROUBLE.add("attachment-deep.pdf", "Four PDFs, each attached to the one before it.", "evidence-attachments")
def attachment_deep() -> bytes:
    inner = pages(words("The innermost page"))
    for number in range(4):
        inner = _with_files({f"level {number}.pdf": inner})
    return inner


@TROUBLE.add("bomb-attached.pdf", "An attached file of 250 KB that inflates to 257 MB.", "evidence-attachments")
def bomb_attached() -> bytes:
    pdf = _one_page()
    _attach(pdf, {"a.txt": b""})
    pdf.Root.Names.EmbeddedFiles.Names[1].EF.F.write(_inflating(), filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@TROUBLE.add("portfolio.pdf", "A portfolio of two PDFs: its own page is only a cover.", refused="evidence-portfolio")
def portfolio() -> bytes:
    pdf = _one_page()
    _attach(pdf, {"first.pdf": pages(words("The first file")), "second.pdf": pages(words("The second file"), words("Its end"))})
    pdf.Root.Collection = Dictionary(Type=Name.Collection)
    return saved(pdf)


@TROUBLE.add("private-data.pdf", "Metadata, page-piece data and a structure tree hang on the page and its picture.")
def private_data() -> bytes:
    pdf = _one_page()
    page = pdf.pages[0].obj
    secret = pdf.make_stream(b"<x>private</x>", Type=Name.Metadata, Subtype=Name.XML)
    form = appearance(pdf, words("Drawing", 10, 10), 300, 100)
    form.Metadata, form.StructParents, form.PieceInfo = secret, 3, Dictionary(App=Dictionary(Private=secret))
    form.AF, form.Ref = Array([secret]), Dictionary(F=String("other.pdf"))
    page.Metadata, page.StructParents = secret, 0
    page.Resources.XObject = Dictionary(Fm=form)
    page.Contents = Array([page.Contents, pdf.make_stream(b"q 1 0 0 1 72 300 cm /Fm Do Q")])
    return saved(pdf)


@TROUBLE.add("layers.pdf", "Text in a layer that is off, in one that is off in print, and in one that is on.", "evidence-layers")
def layers() -> bytes:
    pdf = Pdf.new()
    printing = Dictionary(Print=Dictionary(PrintState=Name.OFF))
    groups = {
        "Off": pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("off"))),
        "Print": pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("screen"), Usage=printing)),
        "On": pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("on"))),
    }
    shown = b"".join(
        b"/OC /%s BDC q " % name.encode() + words(f"Layer {name}", y=700 - 30 * n) + b"Q EMC\n" for n, name in enumerate(groups)
    )
    page = add_page(pdf, words("Base", y=760) + shown + b"/Fm Do /Fn Do")
    member = Dictionary(Type=Name.OCMD, OCGs=Array([groups["On"], groups["Off"]]), P=Name.AllOn)
    page.obj.Resources.Properties = Dictionary({f"/{name}": group for name, group in groups.items()})
    hidden = appearance(pdf, words("Hidden form", 10, 10), 600, 60)
    hidden.OC = member
    outer = appearance(pdf, b"/OC /Off BDC " + words("Inner hidden", 10, 30) + b"EMC " + words("Inner shown", 10, 10), 600, 60)
    outer.Resources.Properties = Dictionary(Off=groups["Off"])
    page.obj.Resources.XObject = Dictionary(Fm=hidden, Fn=outer)
    applied = Dictionary(Event=Name.Print, OCGs=Array([groups["Print"]]), Category=Array([Name.Print]))
    config = Dictionary(OFF=Array([groups["Off"]]), Order=Array(list(groups.values())), AS=Array([applied]))
    pdf.Root.OCProperties = Dictionary(OCGs=Array(list(groups.values())), D=config)
    return saved(pdf)


@TROUBLE.add("layers-on.pdf", "Layers that are all on.")
def layers_on() -> bytes:
    pdf = Pdf.new()
    page = add_page(pdf, b"/OC /L BDC " + words("In a layer") + b"EMC")
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font(pdf)), Properties=Dictionary(L=group))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())
    return saved(pdf)
