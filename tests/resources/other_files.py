"""Text, files of kinds that intake does not convert, and files that are not what their name says."""

from __future__ import annotations

from typing import Final

from tests.resources.building import pages, words, zipped
from tests.resources.catalogue import Catalogue
from tests.resources.pictures import corners, encoded

OTHERS: Final = Catalogue()

_KIND = "evidence-kind"


def _zip(*names: str) -> bytes:
    return zipped(dict.fromkeys(names, "x"))


@OTHERS.add("picture-called.pdf", "A JPEG called .pdf: taken for what it is.", "evidence-low-resolution")
def picture_called_pdf() -> bytes:
    return encoded(corners(300, 400), "JPEG", quality=80)


@OTHERS.add("pdf-called.jpg", "A PDF called .jpg: taken for what it is.")
def pdf_called_jpg() -> bytes:
    return pages(words("A PDF"))


@OTHERS.add("empty.pdf", "A file of no bytes.", refused="evidence-empty")
def empty_pdf() -> bytes:
    return b""


@OTHERS.add("web-page-called.pdf", "A web page, saved as .pdf by a download that failed.", refused=_KIND)
def web_page_called_pdf() -> bytes:
    return b"<!DOCTYPE html><html><body>Please sign in</body></html>"


@OTHERS.add("letter.doc", "An old Word document.", refused=_KIND)
def letter_doc() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@OTHERS.add("outlook.msg", "A message as Outlook saves it.", refused=_KIND)
def outlook_msg() -> bytes:
    return letter_doc() + "__properties_version1.0".encode("utf-16-le") + b"\0" * 466


@OTHERS.add("scan.jp2", "A JPEG 2000 picture.", refused=_KIND)
def scan_jp2() -> bytes:
    return b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "


@OTHERS.add("scans.zip", "A ZIP archive of scans.", refused=_KIND)
def scans_zip() -> bytes:
    return _zip("1.jpg", "2.jpg")


@OTHERS.add("broken.zip", "A ZIP archive without its directory.", refused=_KIND)
def broken_zip() -> bytes:
    return _zip("1.jpg")[:30]


@OTHERS.add("film.mp4", "A film.", refused=_KIND)
def film_mp4() -> bytes:
    return b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + b"\0" * 64


@OTHERS.add("voice.mp3", "A voice message.", refused=_KIND)
def voice_mp3() -> bytes:
    return b"ID3\x03\0\0\0\0\0\0" + b"\0" * 64


@OTHERS.add("note.txt", "Plain text with accents, tabs, a long word and more than a page.", pages=2)
def note_txt() -> bytes:
    line = "Querida tía: mañana llegamos, con Łukasz y Київ.\n\tSangrado\n"
    return (line + "x" * 200 + "\n" + "Otra línea\n" * 70).encode()


@OTHERS.add("utf-16.txt", "Text in UTF-16 with a byte-order mark, as Windows writes it.")
def utf_16_txt() -> bytes:
    return '\ufeffBuenos días\r\n#read("x") *strong* $x$\r\n'.encode("utf-16-le")


@OTHERS.add("headless.txt", "A PDF that lost its first line.", refused=_KIND)
def headless_txt() -> bytes:
    return pages(words("Lost")).split(b"\n", 2)[2]


@OTHERS.add("drawing.svg", "An SVG drawing.", refused=_KIND)
def drawing_svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'


@OTHERS.add("notes.md", "Markdown: shown as it was typed.")
def notes_md() -> bytes:
    return b"# Timeline\n\n- **March**: first visit\n- *June*: [letter](https://example.org)\n"


@OTHERS.add("emoji.txt", "A chat with emoji, which no font here has: their names stand for them.", "evidence-text-signs")
def emoji_txt() -> bytes:
    return "12/08/2026, 10:15 - Ana: Ya llegamos \U0001f600 \u2764\ufe0f\n".encode()


@OTHERS.add("chinese.txt", "Text in letters that no font here has.", refused="evidence-text-characters")
def chinese_txt() -> bytes:
    return "Hello \u5bb6\u5ead\n".encode()


@OTHERS.add("latin-1.txt", "Text in Latin-1, which cannot be told from its neighbours.", refused="evidence-text-encoding")
def latin_1_txt() -> bytes:
    return (b"Plain words first. " * 110) + "ñ".encode("latin-1") + b" and the end\n"


@OTHERS.add("noise.bin", "Bytes of no kind.", refused=_KIND)
def noise_bin() -> bytes:
    return bytes(range(255, -1, -1)) * 4
