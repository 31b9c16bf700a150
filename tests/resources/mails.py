"""E-mails as mail programs save them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from tests.resources.building import pages, words, zipped
from tests.resources.catalogue import Catalogue
from tests.resources.pictures import corners, encoded

MAILS: Final = Catalogue()


def message(text: str, subject: str = "Our trip") -> EmailMessage:
    """A message without attachments."""
    made = EmailMessage(policy=SMTP)
    made["From"] = "Nerea Tostabrel <nerea@example.org>"
    made["To"] = "counsel@ravensholt.example.org"
    made["Date"] = "Wed, 12 Aug 2026 10:15:00 -0600"
    made["Subject"] = subject
    made.set_content(text)
    return made


def _saved(made: EmailMessage) -> bytes:
    """With boundaries that do not change from run to run."""
    for number, part in enumerate(each for each in made.walk() if each.get_content_maintype() == "multipart"):
        part.set_boundary(f"=-part-{number}")
    return made.as_bytes()


@MAILS.add("mail.eml", "An e-mail of a few lines, its subject in another script.")
def mail_eml() -> bytes:
    return _saved(message("Querida tía:\nmañana llegamos.\n", "Наша поездка"))


@MAILS.add("mail-received.eml", "An e-mail that begins with long lines of transport.")
def mail_received_eml() -> bytes:
    return b"Received: from mx.example.org\r\n\tby mail.example.org\r\n" * 40 + _saved(message("Hello\n"))


@MAILS.add("mail-html.eml", "An e-mail that is there as a web page only.", "evidence-mail-layout")
def mail_html_eml() -> bytes:
    made = message("")
    page = "<html><head><title>x</title><style>p {color: red}</style></head><body><p>Dear <b>aunt</b>,</p><p>we arrive&nbsp;tomorrow.</p>"
    made.set_content(
        page + '<img src="https://track.example.org/1.gif" alt="photo"><script>alert(1)</script></body></html>', subtype="html"
    )
    return _saved(made)


@MAILS.add(
    "mail-styled.eml", "A web page with a hidden line and a price that is struck out.", "evidence-mail-hidden", "evidence-mail-layout"
)
def mail_styled_eml() -> bytes:
    made = message("")
    page = '<div style="display:none">Open to read about your stay</div><p>One night: <s>$90</s> $70</p>'
    made.set_content(page + "<blockquote>Is the room free?</blockquote>", subtype="html")
    return _saved(made)


@MAILS.add("mail-both.eml", "An e-mail as text and as a web page: the text counts, and the page's picture is kept.", pages=2)
def mail_both_eml() -> bytes:
    tale = "of a letter that tells when the two of us arrive, by which train and with whom"
    made = message(f"The plain words {tale}.\n")
    made.add_alternative(f'<p>The <b>laid</b> words {tale}. <img src="cid:one"></p>', subtype="html")
    picture = encoded(corners(300, 400), "PNG", dpi=(150, 150))
    made.get_payload()[1].add_related(picture, "image", "png", cid="<one>")  # type: ignore[index, union-attr]
    return _saved(made)


@MAILS.add(
    "mail-attachments.eml", "An e-mail with a PDF of two pages, a picture, a message and an archive.", "evidence-attachments", pages=5
)
def mail_attachments_eml() -> bytes:
    made = message("See the papers.\n")
    made.add_attachment(pages(words("One"), words("Two")), "application", "pdf", filename="carta número 1.pdf")
    made.add_attachment(encoded(corners(450, 600), "JPEG", quality=70, dpi=(150, 150)), "image", "jpeg", filename="scan.jpg")
    made.add_attachment(message("The earlier words\n", "Earlier"))
    made.add_attachment(zipped({"1.jpg": "x"}), "application", "zip", filename="more.zip")
    return _saved(made)


@MAILS.add("mail-latin-1.eml", "An e-mail in Latin-1, which says so.")
def mail_latin_1_eml() -> bytes:
    head = b'From: a@example.org\r\nSubject: x\r\nContent-Type: text/plain; charset="iso-8859-1"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    return head + "mañana\r\n".encode("latin-1")


@MAILS.add("mail-wrong-charset.eml", "An e-mail whose words are not in the character set it states.", refused="evidence-text-encoding")
def mail_wrong_charset_eml() -> bytes:
    head = b'From: a@example.org\r\nSubject: x\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    return head + "mañana\r\n".encode("latin-1")


@MAILS.add("mail-raw-utf-8.eml", "An e-mail in plain UTF-8, headers too, that states no character set.")
def mail_raw_utf_8_eml() -> bytes:
    return "From: Iván <a@example.org>\r\nTo: b@example.org\r\nSubject: señal\r\nMIME-Version: 1.0\r\n\r\nMañana, tía Nerea\r\n".encode()


@MAILS.add("mail-unknown-charset.eml", "An e-mail in a character set that nobody knows.", refused="evidence-text-encoding")
def mail_unknown_charset_eml() -> bytes:
    return b'From: a@example.org\r\nSubject: x\r\nContent-Type: text/plain; charset="klingon"\r\n\r\nqapla\r\n'


@MAILS.add("mail-encrypted.eml", "An encrypted e-mail.", refused="evidence-password")
def mail_encrypted_eml() -> bytes:
    head = b'From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; name="smime.p7m"\r\n'
    return head + b"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"


@MAILS.add("mail-damaged-attachment.eml", "An e-mail whose attached PDF is cut off.", refused="evidence-damaged")
def mail_damaged_attachment_eml() -> bytes:
    made = message("See the paper.\n")
    whole = pages(words("One"))
    made.add_attachment(whole[: len(whole) // 2], "application", "pdf", filename="paper.pdf")
    return _saved(made)


@MAILS.add("mail-cut.eml", "An e-mail that breaks off within its words.", "evidence-mail-cut")
def mail_cut_eml() -> bytes:
    made = message("We arrive tomorrow, and we bring the papers.\n")
    made.make_mixed()
    return _saved(made).partition(b" papers")[0]


@MAILS.add("mail-in-mail.eml", "Four messages within each other.", refused="evidence-nesting")
def mail_in_mail_eml() -> bytes:
    made = message("Innermost\n")
    for number in range(4):
        outer = message(f"Level {number}\n")
        outer.add_attachment(made)
        made = outer
    return _saved(made)
