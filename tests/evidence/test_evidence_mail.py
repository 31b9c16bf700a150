"""E-mails: what a reader sees, then the attachments, and nothing left out in silence."""

from __future__ import annotations

import quopri
import tempfile
from base64 import b64encode, encodebytes
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.limits import Limits
from pipeline.evidence.mail.head import is_message
from pipeline.evidence.mail.message import read_message
from pipeline.evidence.model import Converted, Wishes
from pipeline.findings import Level
from tests.evidence.seeing import box_of, converted, picture, text, written
from tests.resources.building import pages, words
from tests.resources.mails import message
from tests.resources.make import FOLDER
from tests.resources.pictures import corners, encoded


def taken(folder: Path, made: EmailMessage, limits: Limits | None = None) -> Converted:
    return convert(written(folder, made.as_bytes(), "mail.eml"), shown_as="mail.eml", limits=limits)


def test_headers_words_and_list_of_attachments_stand_first() -> None:
    first = text(converted("mail-attachments.eml").pdf)
    for line in ("From: Nerea Tostabrel <nerea@example.org>", "Subject: Our trip", "1. carta número 1.pdf (2 pages)", "See the papers."):
        assert line in first
    assert "4. more.zip (a ZIP archive, not shown)" in first


def test_attachments_follow_in_their_order() -> None:
    made = converted("mail-attachments.eml")
    assert "One" in text(made.pdf, 2)
    assert "Two" in text(made.pdf, 3)
    assert box_of(picture(made.pdf, 4), (220, 0, 0))
    assert "The earlier words" in text(made.pdf, 5)
    assert "Subject: Earlier" in text(made.pdf, 5)


def test_an_attachment_that_is_not_shown_is_named_by_its_number() -> None:
    (finding,) = converted("mail-attachments.eml").findings
    assert (finding.rule, finding.level) == ("evidence-attachments", Level.WARNING)
    assert finding.where == "mail-attachments.eml, attachment 4"


def test_pages_may_be_chosen_over_message_and_attachments() -> None:
    made = converted("mail-attachments.eml", pages="1,3")
    assert (made.pages_in, made.chosen) == (5, (1, 3))
    assert "See the papers." in text(made.pdf, 1)
    assert "Two" in text(made.pdf, 2)
    with pytest.raises(EvidenceError):
        converted("mail-attachments.eml", pages="6")


def test_of_alternatives_the_plain_words_are_shown_and_every_picture() -> None:
    made = converted("mail-both.eml")
    assert "The plain words" in text(made.pdf)
    assert "laid" not in text(made.pdf)
    assert box_of(picture(made.pdf, 2), (220, 0, 0))


@pytest.mark.parametrize(
    "plain",
    ["\n", "Your email program does not support HTML, please use another one to read this.\n", "Dear Ana, read the rest on our page\n"],
)
def test_a_plain_text_that_says_less_than_the_web_page_does_not_stand_for_it(tmp_path: Path, plain: str) -> None:
    made = message(plain)
    made.add_alternative("<p>Dear Ana, the operation costs <b>$38,250</b>, to be paid in May</p>", subtype="html")
    result = taken(tmp_path, made)
    assert "the operation costs $38,250, to be paid in May" in text(result.pdf)
    assert [finding.rule for finding in result.findings] == ["evidence-mail-layout"]


def test_a_plain_text_that_says_the_same_or_more_stands_for_the_web_page(tmp_path: Path) -> None:
    made = message("Dear *Ana*, the operation costs\n$38,250 <https://example.org/bill>\n")
    made.add_alternative("<p>Dear <b>Ana</b>, the operation costs <a href='https://example.org/bill'>$38,250</a></p>", subtype="html")
    result = taken(tmp_path, made)
    assert "$38,250 <https://example.org/bill>" in text(result.pdf)
    assert not result.findings


def test_of_alternatives_that_differ_both_are_shown(tmp_path: Path) -> None:
    made = message("Dear Ana, the operation costs $38,250, to be paid in May\n")
    made.add_alternative("<p>This message cannot be shown as a web page</p>", subtype="html")
    shown = text(taken(tmp_path, made).pdf)
    assert shown.index("the operation costs") < shown.index("cannot be shown")


def test_an_empty_line_stands_between_the_words_of_two_parts() -> None:
    head = b"From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    assert read_message(head + b"--B\n\nOne\n--B\n\nTwo\n\n--B\n\nThree\n--B--\n").words == "One\n\nTwo\n\nThree\n"


def test_a_text_file_within_the_other_alternative_is_shown(tmp_path: Path) -> None:
    made = message("Dear Ana, see the list\n")
    made.add_alternative("<p>Dear Ana, see the list</p>", subtype="html")
    page = made.get_payload()[1]  # type: ignore[index]
    page.make_mixed()  # type: ignore[union-attr]
    page.add_attachment("The list itself\n", filename="list.txt")  # type: ignore[union-attr]
    assert "The list itself" in text(taken(tmp_path, made).pdf, 2)


def test_a_web_page_gives_its_words_and_nothing_else() -> None:
    first = text(converted("mail-html.eml").pdf)
    assert "Dear aunt," in first
    assert "[photo]" in first
    assert not any(unseen in first for unseen in ("alert", "color", "track", "<p>"))


def of_page(folder: Path, page: str) -> tuple[str, list[str]]:
    """The text and the rules of findings of a message that is a web page only."""
    made = message("")
    made.set_content(page, subtype="html")
    result = taken(folder, made)
    return text(result.pdf).replace("\r\n", "\n"), [finding.rule for finding in result.findings]


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display: none !important">Unseen <p>words</div>',
        '<span style="DISPLAY:NONE">Unseen words</span>',
        '<p style="display:none">Unseen words<p>Next',
        "<div hidden>Unseen words</div>",
        '<div style="visibility:hidden">Unseen words</div>',
        '<div style="max-height:0px; overflow:hidden">Unseen words</div>',
        '<span style="font-size:0">Unseen <b>words</b></span>',
        '<style>.pre, #x {display:none}</style><div class="a pre">Unseen words</div>',
        '<style>.pre {display:none !important}</style><div class="pre" style="display:block">Unseen words</div>',
        '<img style="display:none" alt="Unseen words">',
    ],
)
def test_words_that_a_web_page_hides_stay_out_with_a_finding(tmp_path: Path, hidden: str) -> None:
    seen, rules = of_page(tmp_path, f"<p>Before</p>{hidden}<p>After</p>")
    assert "Before" in seen
    assert "After" in seen
    assert "Unseen" not in seen
    assert ("evidence-mail-hidden" in rules) == ("<img" not in hidden)


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="font-size:0"><div style="font-size:14px">Seen words</div></div>',
        '<div style="visibility:hidden"><b style="visibility:visible">Seen words</b></div>',
        "<style>@media print {.a {display:none}} .a {color:red}</style><p class=a>Seen words</p>",
        '<style>.a {display:none}</style><p class="a" style="display:block">Seen words</p>',
        "<style>.b .a {display:none}</style><p class=a>Seen words</p>",
        '<p style="display:none"></p>Seen words',
        '<div style="opacity:0.5">Seen words</div>',
        "<head><title>x</title><p>Seen words",
        "<head><template>x<body><p>Seen words",
        "<!--[if !mso]><!-->Seen words<!--<![endif]-->",
    ],
)
def test_words_that_a_web_page_shows_are_not_taken_for_hidden(tmp_path: Path, shown: str) -> None:
    seen, rules = of_page(tmp_path, shown)
    assert "Seen words" in seen
    assert set(rules) == {"evidence-mail-layout"}


@pytest.mark.parametrize(
    "struck",
    [
        "<s>$900</s>",
        "<del>$900 </del>",
        "<strike>$900</strike>",
        '<span style="text-decoration:line-through">$900</span>',
        "<style>.old {text-decoration: line-through}</style><b class=old>$900</b>",
    ],
)
def test_words_that_are_struck_out_are_shown_as_such(tmp_path: Path, struck: str) -> None:
    seen, _ = of_page(tmp_path, f"<p>Rent: {struck} $700</p>")
    assert "Rent: [struck out: $900] $700" in seen


def test_struck_words_of_several_lines_are_struck_on_each(tmp_path: Path) -> None:
    seen, _ = of_page(tmp_path, "<p>a<s>one<br>two</s></p>b")
    assert "a[struck out: one]\n[struck out: two]\n" in seen


def test_a_quotation_and_the_numbers_of_a_list_are_marked(tmp_path: Path) -> None:
    page = "<p>I agree.</p><blockquote>On Monday you wrote:<blockquote>Earlier</blockquote></blockquote>"
    page += "<ol start=3><li><p>Third</p><li>Fourth</ol><ul><li>Point</ul><ol type=a><li>First</ol><pre>x y\nz</pre>"
    seen, _ = of_page(tmp_path, page)
    for line in ("I agree.", "> On Monday you wrote:", "> > Earlier", "3. Third", "4. Fourth", "- Point", "a. First", "x y", "z"):
        assert line in [each.rstrip() for each in seen.split("\n")]


def test_pictures_from_the_network_are_said_to_be_missing(tmp_path: Path) -> None:
    made = message("")
    for page, said in (("<img src='https://example.org/map.png'>", True), ("<img src='https://example.org/1.gif' width=1>", False)):
        made.set_content(f"<p>Where we meet:</p>{page}", subtype="html")
        (finding,) = taken(tmp_path, made).findings
        assert ("without its pictures from the network" in finding.message) == said


def test_a_picture_within_the_web_page_is_shown_once(tmp_path: Path) -> None:
    coded = b64encode(encoded(corners(300, 400), "PNG", dpi=(150, 150))).decode()
    shown = f'<img alt="receipt" src="data:image/png;base64,{coded}">'
    page = f"<p>See the receipt</p>{shown}{shown}<img src='data:image/gif;base64,R0lGOD' width=1>"
    made = message("")
    made.set_content(page, subtype="html")
    result = taken(tmp_path, made)
    assert result.pages_out == 2
    assert "1. receipt (1 page)" in text(result.pdf)
    assert box_of(picture(result.pdf, 2), (220, 0, 0))
    made = message("See the receipt [receipt]\n")
    made.add_alternative(page, subtype="html")
    assert taken(tmp_path, made).pages_out == 2


def test_a_picture_within_the_web_page_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    _, rules = of_page(tmp_path, "<p>See</p><img src='data:image/png;base64,!!!='>")
    assert "evidence-attachments" in rules


def test_a_picture_of_the_web_page_that_the_message_lacks_is_named(tmp_path: Path) -> None:
    _, rules = of_page(tmp_path, "<p>See</p><img src='cid:one@example.org'>")
    assert "evidence-mail-picture" in rules
    made = message("")
    made.set_content("<p>See</p><img src='cid:one%40example.org'>", subtype="html")
    made.add_related(encoded(corners(300, 400), "PNG", dpi=(150, 150)), "image", "png", cid="<one@example.org>")
    assert "evidence-mail-picture" not in [finding.rule for finding in taken(tmp_path, made).findings]


def test_what_is_typed_and_ticked_in_a_form_is_shown(tmp_path: Path) -> None:
    page = "Name: <input value='Ana'><input type=hidden value='token'> <input type=checkbox checked> yes <input type=radio> no"
    seen, _ = of_page(tmp_path, page)
    assert "Name: [Ana] [x] yes [ ] no" in seen


@pytest.mark.parametrize(
    ("charset", "words"),
    [("iso-8859-8-i", "שלום"), ("x-mac-roman", "Señal"), ("cp-850", "Señal"), ("utf8mb4", "Señal"), ("unknown-8bit", "Señal")],
)
def test_character_sets_have_other_names(tmp_path: Path, charset: str, words: str) -> None:
    coded = words.encode({"iso-8859-8-i": "iso-8859-8", "x-mac-roman": "mac-roman", "cp-850": "cp850"}.get(charset, "utf-8"))
    more = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n".encode()
    assert words in text(raw_mail(tmp_path, b"x", more, coded).pdf)


def test_the_name_of_an_attachment_cannot_turn_itself_around(tmp_path: Path) -> None:
    made = message("x\n")
    made.add_attachment(b"", "application", "octet-stream", filename="bill\u202efdp.exe")
    made.replace_header("Subject", "pay \u202e0001$")
    shown = text(taken(tmp_path, made).pdf)
    assert "1. billfdp.exe (" in shown
    assert "Subject: pay 0001$" in shown.replace("  ", " ")


def test_an_invitation_beside_the_words_is_shown(tmp_path: Path) -> None:
    made = message("You are invited\n")
    made.add_alternative("<p>You are invited</p>", subtype="html")
    made.add_alternative("BEGIN:VCALENDAR\nSUMMARY:Hearing in room 4\nEND:VCALENDAR\n", subtype="calendar")
    assert "Hearing in room 4" in text(taken(tmp_path, made).pdf, 2)


def test_a_message_of_apple_mail_is_one_message(tmp_path: Path) -> None:
    whole = message("Hello from Apple\n").as_bytes()
    behind = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist><dict/></plist>\n'
    made = convert(written(tmp_path, b"%d       \n" % len(whole) + whole + behind), shown_as="1.emlx")
    assert made.kind == "an e-mail"
    assert "Hello from Apple" in text(made.pdf)
    assert "plist" not in text(made.pdf)
    with pytest.raises(EvidenceError, match="cut off"):
        convert(written(tmp_path, b"%d\n" % (len(whole) + 1) + whole), shown_as="1.emlx")


def test_a_web_page_that_a_browser_saved_is_no_message(tmp_path: Path) -> None:
    head = b"Snapshot-Content-Location: https://example.org/\r\nSubject: Case status\r\nMIME-Version: 1.0\r\n"
    with pytest.raises(EvidenceError, match="a web page that a browser saved"):
        convert(
            written(tmp_path, b"From: <Saved by Blink>\r\n" + head + b"Content-Type: text/html\r\n\r\n<p>Approved</p>"), shown_as="a.mht"
        )


@pytest.mark.parametrize("coding", ["base64", "quoted-printable"])
def test_a_message_within_a_message_that_is_encoded_as_a_whole_is_shown(tmp_path: Path, coding: str) -> None:
    inner = message("The inner words\n", "Earlier").as_bytes()
    coded = encodebytes(inner) if coding == "base64" else quopri.encodestring(inner)
    head = b"--B\nContent-Type: message/rfc822\nContent-Transfer-Encoding: " + coding.encode() + b"\n\n"
    made = convert(written(tmp_path, _MIXED + b"--B\n\nOuter\n" + head + coded + b"\n--B--\n"), shown_as="mail.eml")
    assert made.pages_out == 2
    assert "Subject: Earlier" in text(made.pdf, 2)
    assert "The inner words" in text(made.pdf, 2)


def test_words_around_an_attachment_are_all_shown(tmp_path: Path) -> None:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "a@example.org", "x"
    made.make_mixed()
    for part in ("Before the scan", None, "After the scan"):
        inner = EmailMessage(policy=SMTP)
        if part:
            inner.set_content(part)
        else:
            inner.set_content(pages(words("The scan")), "application", "pdf", disposition="inline")
        made.attach(inner)
    result = taken(tmp_path, made)
    assert "Before the scan" in text(result.pdf)
    assert "After the scan" in text(result.pdf)
    assert "The scan" in text(result.pdf, 2)


def test_attached_text_is_shown_in_its_own_character_set(tmp_path: Path) -> None:
    made = message("See the list.\n")
    made.add_attachment("La lista de mañana\n", charset="iso-8859-1", filename="lista.txt")
    assert "La lista de mañana" in text(taken(tmp_path, made).pdf, 2)


def test_words_in_plain_utf_8_need_not_say_so() -> None:
    words = text(converted("mail-raw-utf-8.eml").pdf)
    for line in ("From: Iván <a@example.org>", "Subject: señal", "Mañana, tía Nerea"):
        assert line in words


def test_headers_in_raw_windows_1252_are_read_as_that(tmp_path: Path) -> None:
    head = "From: José <a@example.org>\r\nTo: Iván <b@example.org>\r\nSubject: Mañana – 50 €\r\nMIME-Version: 1.0\r\n"
    disposition = 'Content-Disposition: attachment; filename="niño.txt"\r\n\r\nHello\r\n'
    shown = text(convert(written(tmp_path, (head + disposition).encode("cp1252")), shown_as="mail.eml").pdf)
    for line in ("From: José <a@example.org>", "To: Iván <b@example.org>", "Subject: Mañana – 50 €", "1. niño.txt (1 page)"):
        assert line in shown


def raw_mail(folder: Path, subject: bytes, more: bytes = b"", words: bytes = b"Hello") -> Converted:
    data = b"From: a@example.org\r\nMIME-Version: 1.0\r\nSubject: " + subject + b"\r\n" + more + b"\r\n" + words + b"\r\n"
    return convert(written(folder, data), shown_as="mail.eml")


@pytest.mark.parametrize(
    ("charset", "subject"), [("koi8-r", "Вызов в суд"), ("windows-1251", "Вызов в суд"), ("iso-8859-2", "Wezwanie – łódź")]
)
def test_raw_headers_are_read_in_the_character_set_of_the_words(tmp_path: Path, charset: str, subject: str) -> None:
    coded = subject.replace("–", "-").encode(charset)
    more = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n".encode()
    made = raw_mail(tmp_path, coded, more, coded)
    assert f"Subject: {subject.replace('–', '-')}" in text(made.pdf)
    (finding,) = made.findings
    assert (finding.rule, finding.level) == ("evidence-mail-headers", Level.WARNING)
    assert f"read as {charset}, as the message's words are" in finding.message


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "utf-16"])
def test_raw_headers_beside_words_that_say_nothing_of_them_are_guessed_with_a_warning(tmp_path: Path, charset: str) -> None:
    more = f"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset={charset}\r\n".encode()
    made = raw_mail(tmp_path, "señal".encode("cp1252"), more, b"--B--")
    assert "Subject: señal" in text(made.pdf)
    (finding,) = made.findings
    assert "read as windows-1252, which is usual and may be wrong" in finding.message


def test_raw_headers_in_utf_8_are_certain(tmp_path: Path) -> None:
    assert not raw_mail(tmp_path, "señal".encode()).findings
    assert not raw_mail(tmp_path, b"x", b"X-Odd: se\xf1al\r\n").findings


@pytest.mark.parametrize("subject", [b"=?klingon?Q?caf=E9?=", b"=?utf-8?Q?caf=E9?=", b"=?iso-2022-jp?B?xOO6ww==?=", b"caf\x81"])
def test_signs_of_headers_that_cannot_be_read_are_named(tmp_path: Path, subject: bytes) -> None:
    made = raw_mail(tmp_path, subject)
    (finding,) = made.findings
    assert finding.rule == "evidence-mail-headers"
    assert "could not be read" in finding.message


def test_raw_headers_of_a_message_within_a_message_are_shown_too(tmp_path: Path) -> None:
    inner = "From: José <a@example.org>\r\nSubject: señal\r\nMIME-Version: 1.0\r\n\r\nHello\r\n".encode("cp1252")
    head = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    shown = text(convert(written(tmp_path, head + inner), shown_as="mail.eml").pdf, 2)
    assert "From: José <a@example.org>" in shown
    assert "Subject: señal" in shown


def test_the_password_of_an_exhibit_opens_what_is_attached(tmp_path: Path) -> None:
    made = message("See the paper.\n")
    made.add_attachment((FOLDER / "encrypted-user.pdf").read_bytes(), "application", "pdf", filename="a.pdf")
    path = written(tmp_path, made.as_bytes(), "mail.eml")
    assert convert(path, shown_as="mail.eml", wishes=Wishes(password="open sesame")).pages_out == 2
    with pytest.raises(EvidenceError) as caught:
        convert(path, shown_as="mail.eml")
    assert (caught.value.findings[0].rule, caught.value.findings[0].where) == ("evidence-password", "mail.eml, attachment 1")


def test_an_empty_attachment_is_listed(tmp_path: Path) -> None:
    made = message("See the paper.\n")
    made.add_attachment(b"", "application", "pdf", filename="paper.pdf")
    result = taken(tmp_path, made)
    assert "1. paper.pdf (empty, not shown)" in text(result.pdf)
    assert [finding.rule for finding in result.findings] == ["evidence-attachments"]


def test_findings_about_pages_count_through_the_whole_message(tmp_path: Path) -> None:
    made = message("See the paper.\n")
    made.add_attachment(pages(words("Something"), b""), "application", "pdf", filename="paper.pdf")
    (finding,) = taken(tmp_path, made).findings
    assert finding.rule == "evidence-blank-page"
    assert "page 3 of the file" in finding.message


def test_messages_within_messages_are_bounded(tmp_path: Path) -> None:
    inner = message("Inner\n")
    outer = message("Outer\n")
    outer.add_attachment(inner)
    assert taken(tmp_path, outer, Limits(nesting=2)).pages_out == 2
    with pytest.raises(EvidenceError) as caught:
        taken(tmp_path, outer, Limits(nesting=1))
    assert caught.value.findings[0].rule == "evidence-nesting"


def test_a_message_that_may_be_cut_off_is_shown_with_a_warning() -> None:
    made = converted("mail-cut.eml")
    assert "We arrive tomorrow, and we bring the" in text(made.pdf)
    assert [(finding.rule, finding.level) for finding in made.findings] == [("evidence-mail-cut", Level.WARNING)]


_MIXED = b"From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
_CODED = b"--B\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
_LIST = b'--B\nContent-Type: text/plain\nContent-Disposition: attachment; filename="list.txt"\nContent-Transfer-Encoding: base64\n\n'


@pytest.mark.parametrize(
    "data",
    [
        _MIXED + b"Hello, there is no part\n",
        _MIXED.replace(b"; boundary=B", b"") + b"--B\n\nHello\n--B--\n",
        _MIXED + _CODED + b"quoted-printable\n\nma=C3=",
        _MIXED + _CODED + b"quoted-printable\n\nma=C3=B",
        _MIXED + b"--B\n\nHello\n" + _LIST + b"VGhlIGxpc3Q6IG9uZSw\n",
        _MIXED + b"--B\n\nHello\n" + _LIST + b"VGhlIGxpc3Q6I\n--B--\n",
    ],
)
def test_a_message_that_is_certainly_cut_off_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EvidenceError, match="cut off") as caught:
        convert(written(tmp_path, data), shown_as="mail.eml")
    assert caught.value.findings[0].rule == "evidence-damaged"


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (_MIXED + _CODED + b"quoted-printable\n\nma=C3=B1ana=\n--B--\n", []),
        (_MIXED + _CODED + b"base64\n\nbWHDsWFuYQo=\n--B--\n", []),
        (_MIXED + _CODED + b"base64\n\nbWHDsWFuYQo=\nVGhlIHJlc3Q=\n--B--\n", ["evidence-mail-cut"]),
        (_MIXED + _CODED + b"base64\n\nbWHDsWFuYQo\n--B--\n", ["evidence-mail-cut"]),
    ],
)
def test_coded_words_are_taken_with_a_warning_when_they_may_lack_something(tmp_path: Path, data: bytes, rules: Sequence[str]) -> None:
    made = convert(written(tmp_path, data), shown_as="mail.eml")
    assert "mañana" in text(made.pdf)
    assert [finding.rule for finding in made.findings] == rules


def test_the_number_of_attachments_is_bounded(tmp_path: Path) -> None:
    made = message("Many\n")
    for number in range(3):
        made.add_attachment(b"x", "application", "octet-stream", filename=f"{number}.bin")
    with pytest.raises(EvidenceError, match="more than 2 attachments"):
        taken(tmp_path, made, Limits(files=2))


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b"From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nHello", True),
        (b"Return-Path: <a@example.org>\nDelivered-To: b@example.org\n\nHello", True),
        (b"Received: from x\n\tby y\nX-Odd: 1\nDate: today\n", True),
        (b"Dear officer,\n\nFrom: here\nSubject: there\n", False),
        (b"From: a\n\nSubject: only below the empty line\n", False),
        (b"12/08/2026, 10:15 - Ana: hello\nFrom: x\nDate: y\n", False),
        (b"Received: by 2001:db8::1 with SMTP id x;\n Wed, 12 Aug 2026\nTo: b@example.org\n", True),
        (b"Title: a\nAuthor: b\n\nA text with a head of its own\n", False),
        (b"From: a@example.org\r\nSubject: x\r\n\r\nHello", False),
        (b"Date: 12 August 2026\nTo: the officer\nReceived: by hand on 13 August 2026\n\nDear officer\n", False),
        (b"", False),
    ],
)
def test_a_message_is_known_by_its_headers(head: bytes, is_one: bool) -> None:
    assert is_message(head) == is_one


def test_a_letter_that_begins_like_a_message_is_text_and_shown_whole(tmp_path: Path) -> None:
    lines = ["Date: 12 August 2026", "To: the officer", "Re: Parole of Nerea Tostabrel", "Reference: 555-0100", "Dear officer,"]
    made = convert(written(tmp_path, "\n".join([*lines[:-1], "", lines[-1], ""]).encode(), "letter.md"), shown_as="letter.md")
    assert made.kind == "plain text"
    assert all(line in text(made.pdf) for line in lines)


_ENVELOPE = b"From nerea@example.org Wed Aug 12 10:15:00 2026\n"


@pytest.mark.parametrize(
    "before", [_ENVELOPE, b">" + _ENVELOPE, _ENVELOPE + b">" + _ENVELOPE, b"\xef\xbb\xbf", b"\xef\xbb\xbf" + _ENVELOPE]
)
def test_what_a_mailbox_sets_before_a_message_is_read_past(tmp_path: Path, before: bytes) -> None:
    made = convert(written(tmp_path, before + (FOLDER / "mail-attachments.eml").read_bytes()), shown_as="mail.eml")
    assert (made.kind, made.pages_out) == ("an e-mail", 5)
    assert "From: Nerea Tostabrel <nerea@example.org>" in text(made.pdf)


def test_a_mailbox_of_several_messages_is_refused(tmp_path: Path) -> None:
    one = _ENVELOPE + message("Hello\n").as_bytes().replace(b"\r\n", b"\n")
    assert convert(written(tmp_path, one + b"\nFrom here on all is well: 10:15\n\n"), shown_as="mail.eml").pages_out == 1
    with pytest.raises(EvidenceError, match="a mailbox of several messages"):
        convert(written(tmp_path, one + b"\n" + one), shown_as="mail.eml")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300), st.lists(st.sampled_from([b"Content-Type: multipart/alternative", b"To: <", b"Date: 1", b"\r\n\r\n", b"--x"]))
)
def test_malformed_messages_are_taken_or_refused(body: bytes, extra: Sequence[bytes]) -> None:
    data = b"From: a@example.org\r\nMIME-Version: 1.0\r\n" + b"\r\n".join(extra) + b"\r\n" + body
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = convert(written(Path(folder), data), shown_as="mail.eml")
        except EvidenceError:
            return
    assert result.pages_out >= 1


def test_what_every_resource_says_of_itself_is_read() -> None:
    both = read_message((FOLDER / "mail-both.eml").read_bytes())
    assert both.words == "The plain words of a letter that tells when the two of us arrive, by which train and with whom.\n"
    assert len(both.attachments) == 1
    assert not both.pages
    assert read_message((FOLDER / "mail-encrypted.eml").read_bytes()).is_sealed


@pytest.mark.parametrize("header", [b"Date: Wed, 12 Aug 99999999999 10:15:00 -0600", b"From: <<>>", b"To: =?x?q?=?=", b"Subject: \xff"])
def test_headers_that_break_the_rules_do_not_crash(tmp_path: Path, header: bytes) -> None:
    data = b"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n" + header + b"\r\n\r\nHello\r\n"
    path = written(tmp_path, data)
    try:
        assert "Hello" in text(convert(path, shown_as="mail.eml").pdf)
    except EvidenceError:
        return
