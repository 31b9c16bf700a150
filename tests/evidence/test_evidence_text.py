from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.letter import CONTENT
from tests.evidence.seeing import converted, picture, stays_inside, text, written


def words_of(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        result = convert(written(Path(folder), data), shown_as="chat.txt")
    pages = range(1, result.pages_out + 1)
    assert all(stays_inside(picture(result.pdf, page)) for page in pages)
    return "".join(text(result.pdf, page) for page in pages)


def bare(value: str) -> str:
    return re.sub(r"\s+", "", value)


def test_text_is_shown_whole_over_its_pages() -> None:
    shown = "".join(text(converted("note.txt").pdf, page) for page in (1, 2))
    assert "Querida tía: mañana llegamos, con Łukasz y Київ." in shown
    assert bare(shown).count("x" * 200) == 1
    assert shown.count("Otra línea") == 70


def test_text_is_never_markup() -> None:
    assert '#read("x") *strong* $x$' in text(converted("utf-16.txt").pdf)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("chat", ["Hi", "Ya llegamos “bien”.\r\nA las 6…", "Привіт, ми вже вдома.\n", "וצר לי מאוד\nשלום", "Ya 👍\n"])
def test_utf_16_is_told_without_a_mark(encoding: str, chat: str) -> None:
    """As some programs of Windows write it; a text of several pages is read to its end."""
    shown = bare(words_of((f"{chat}\n" * 300).encode(encoding)))
    assert shown.count("שלום" if "שלום" in chat else bare(chat).replace("👍", "[thumbsupsign]")) == 300


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_web_page_is_no_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(EvidenceError, match="a web page"):
        convert(written(tmp_path, "<!DOCTYPE html>\n<html><p>Hi".encode(encoding)), shown_as="page.txt")


@pytest.mark.parametrize("data", [bytes(range(256)) * 9, b"\0 \0a\0\x01", b"a\0 \0\0\xe0", b"\0\xd8 \0" * 9, b"a\0b\0"])
def test_bytes_that_are_no_utf_16_are_not_guessed_at(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EvidenceError) as caught:
        convert(written(tmp_path, data), shown_as="chat.txt")
    assert [finding.rule for finding in caught.value.findings] == ["evidence-kind"]


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.sampled_from('abc ñé#*_$`\\"<@=-.\t\nЖЩ'), min_size=1, max_size=400))
def test_every_character_is_shown(chat: str) -> None:
    data = ("Chat\n" + chat).encode()
    assert bare(words_of(data)).replace("\ufffe", "-") == bare("Chat" + chat)


def test_what_no_font_has_is_refused_and_not_quoted() -> None:
    with pytest.raises(EvidenceError) as caught:
        converted("chinese.txt")
    assert "Hello" not in str(caught.value)


def test_emoji_are_given_by_name_and_counted() -> None:
    result = converted("emoji.txt")
    assert "Ya llegamos [grinning face] \u2764" in text(result.pdf)
    (finding,) = result.findings
    assert finding.message.startswith("1 sign ")


def test_the_frame_of_a_keycap_is_given_by_name_and_its_digit_stands(tmp_path: Path) -> None:
    result = convert(written(tmp_path, "Call 1\ufe0f\u20e3 or 2\u20e3, \U0001f389\n".encode()), shown_as="chat.txt")
    assert "Call 1[keycap] or 2[keycap], [party popper]" in text(result.pdf)


def test_markdown_is_shown_as_it_was_typed() -> None:
    shown = text(converted("notes.md").pdf)
    assert "# Timeline" in shown
    assert "- **March**: first visit" in shown
    assert "[letter](https://example.org)" in shown


@pytest.mark.parametrize("start", ["ID3 card of Nerea", "RIFF is a word", "8BPS, says the form", "Rar! is a cry"])
def test_text_that_begins_like_a_recording_or_an_archive_is_text(start: str) -> None:
    assert start in words_of(f"{start}, shown here\n".encode())


def test_a_form_feed_and_a_vertical_tab_break_lines() -> None:
    assert words_of(b"One\f\vTwo\vThree\n").split() == ["One", "Two", "Three"]


def where(pdf: bytes, sign: str) -> list[tuple[float, float]]:
    """The lower left corners of a sign on the first page, in points, from the top."""
    document = pdfium.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        signs = page.get_text_range()
        boxes = [page.get_charbox(number) for number in range(page.count_chars()) if signs[number] == sign]
    finally:
        document.close()
    return sorted(((round(left, 1), round(bottom, 1)) for left, bottom, _, _ in boxes), key=lambda corner: -corner[1])


@pytest.mark.parametrize("word", ["שלום", "مرحبا"])
def test_a_line_whose_first_letter_runs_to_the_left_is_set_from_the_right(tmp_path: Path, word: str) -> None:
    result = convert(written(tmp_path, f"7. {word} 8, {word} 9.\nHello {word} 6\n".encode()), shown_as="chat.txt")
    (seven, eight, nine, six) = (where(result.pdf, sign)[0][0] for sign in "7896")
    assert seven > eight > nine > six
    assert seven > CONTENT.x1 - 50
    assert where(result.pdf, "H")[0][0] < CONTENT.x0 + 50


def test_lines_stand_where_they_would_in_one_direction(tmp_path: Path) -> None:
    chat = "\n1 {}\n\n\n1 Hello\n\n1 {}\n1\n \n1 Bye\n\n"
    corners = [
        where(convert(written(tmp_path, chat.format(word, word).encode()), shown_as="chat.txt").pdf, "1") for word in ("שלום", "Adiós")
    ]
    mixed, plain = corners
    assert [height for _, height in mixed] == [height for _, height in plain]
    assert [left > CONTENT.x0 + 50 for left, _ in mixed] == [True, False, True, True, False]


def test_short_text_in_an_older_encoding_is_refused_for_that(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        convert(written(tmp_path, "Señor Muñoz, año 2026\n".encode("cp1252")), shown_as="letter.txt")
    assert [finding.rule for finding in caught.value.findings] == ["evidence-text-encoding"]
