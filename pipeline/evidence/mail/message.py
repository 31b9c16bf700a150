"""Reading an e-mail: which parts are the message's own words, which are attachments, and what the words are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Final

from pipeline.evidence.enclosed import Enclosed
from pipeline.evidence.mail.head import OTHER_NAMES, SHOWN, UNSTATED, Parsed, parsed
from pipeline.evidence.mail.web_page import WebPage, read_page
from pipeline.evidence.mail.whole import doubt_about
from pipeline.sealed import Sealed

_WAYS: Final = frozenset({"enriched", "html", "plain", "richtext", "watch-html", "x-amp-html"})
"""Kinds of text in which programs give the same words."""
_WORD: Final = re.compile(r"\w+")
_ADDRESS: Final = re.compile(r"https?://\S+")
"""Where a link leads, which plain text spells out and a web page does not show."""
_ENOUGH: Final = 0.9
"""Of the different words of a web page or its plain text, the part that the other must have to stand for it."""
_NO_SIGN: Final = "\N{REPLACEMENT CHARACTER}"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")
"""Signs that headers and names do not need, and those that turn the ones behind them around: `fdp.exe` must not read `exe.pdf`."""


class Message(Sealed, frozen=True):
    """A message as it is read."""

    head: tuple[tuple[str, str], ...]
    """The headers that a reader sees, in the order they are printed."""
    words: str
    attachments: tuple[Enclosed, ...]
    pages: tuple[WebPage, ...]
    """Those of which the words are shown, without their layout."""
    missing: int
    """Pictures that these show and that the message does not hold."""
    is_sealed: bool
    """Whether its words are encrypted."""
    doubt: str
    """Why some of it may be missing; empty when nothing says so."""
    doubt_of_headers: str
    """Why its headers may read otherwise."""


def read_message(data: bytes) -> Message:
    """The message in `data`.

    Raises LookupError for a character set that is not known, ValueError and others for a malformed message.

    Raises CutOffError, which is a ValueError, when some of it is certainly missing.
    """
    whole = parsed(data)
    message = whole.message
    doubt = doubt_about(message)
    words: list[str] = []
    attachments: list[Enclosed] = []
    pages: list[WebPage] = []
    for part in _parts(message):
        if _is_words(part):
            text = _text_of(part)
            if part.get_content_subtype() == "html":
                pages.append(read_page(text))
                text = pages[-1].words
            words.append(text.removesuffix("\n") + "\n")
        else:
            attachments.append(Enclosed(_CONTROL.sub("", part.get_filename() or ""), _bytes_of(part)))
    attachments += _pictures_in(_leaves(message))
    missing = _named_pictures(pages) - {str(part.get("content-id", "")).strip(" <>") for part in message.walk()}
    head = tuple((name, _CONTROL.sub(" ", str(value))) for name in SHOWN for value in message.get_all(name, ()))
    sealed = message.get_content_type() in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
    return Message(
        head,
        "\n".join(words).replace("\r\n", "\n"),
        tuple(attachments),
        tuple(pages),
        len(missing),
        sealed,
        doubt,
        _doubt_of_headers(whole, [value for _, value in head] + [each.name for each in attachments]),
    )


def _doubt_of_headers(whole: Parsed, shown: Sequence[str]) -> str:
    if _NO_SIGN in "".join(shown):
        return f"signs in the message's headers or in the names of its attachments could not be read; {_NO_SIGN} stands for each"
    if not whole.guessed:
        return ""
    why = ", as the message's words are" if whole.is_told else ", which is usual and may be wrong"
    return f"headers of the message do not say in which character set they are, and were read as {whole.guessed}{why}"


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts in reading order: of alternatives those that `_chosen` takes, and every file that lies in the others."""
    if message.get_content_type() == "multipart/alternative":
        choices = [list(_parts(child)) for child in _children(message)]
        chosen = _chosen(choices)
        yield from (part for choice in chosen for part in choice)
        yield from (part for choice in choices if choice not in chosen for part in choice if _is_file(part))
    elif message.get_content_maintype() == "multipart":
        for child in _children(message):
            yield from _parts(child)
    else:
        yield message


def _chosen(choices: list[list[EmailMessage]]) -> list[list[EmailMessage]]:
    """The plain text where it has the words of the others, else the fullest of the others where that has the words of the plain text.

    Where neither has the words of the other, both are shown: it may be a web page beside a plain text that says only that the program
    cannot show it, or the other way round, and no count tells which.
    """
    plain = next((choice for choice in choices if any(_is_plain(part) for part in choice)), None)
    others = [choice for choice in choices if choice is not plain]
    if not others:
        return choices
    fullest = max(reversed(others), key=lambda choice: len(_different_words(choice)))
    if plain is None:
        return [fullest]
    in_plain, in_fullest = _different_words(plain), _different_words(fullest)
    if len(in_plain & in_fullest) >= _ENOUGH * len(in_fullest):
        return [plain]
    return [fullest] if len(in_plain & in_fullest) >= _ENOUGH * len(in_plain) else [plain, fullest]


def _different_words(parts: Sequence[EmailMessage]) -> frozenset[str]:
    texts = [(_readable(part), part.get_content_subtype()) for part in parts if _is_words(part)]
    words = " ".join(read_page(text).words if kind == "html" else _ADDRESS.sub(" ", text) for text, kind in texts)
    return frozenset(_WORD.findall(words.casefold()))


def _readable(part: EmailMessage) -> str:
    """The text as far as it can be read, to compare it; what is shown must be read without a fault."""
    try:
        return _text_of(part)
    except (LookupError, UnicodeDecodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("latin-1") if isinstance(payload, bytes) else ""


def _children(message: EmailMessage) -> Iterator[EmailMessage]:
    payload = message.get_payload()
    yield from (part for part in payload if isinstance(part, EmailMessage)) if isinstance(payload, list) else ()


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Every part that holds no others, of all alternatives."""
    if message.get_content_maintype() != "multipart":
        yield message
    for child in _children(message) if message.get_content_maintype() == "multipart" else ():
        yield from _leaves(child)


def _named_pictures(pages: Iterable[WebPage]) -> frozenset[str]:
    return frozenset(name for page in pages for name in page.named)


def _pictures_in(parts: Iterable[EmailMessage]) -> list[Enclosed]:
    """The pictures that stand within the text of web pages, each once; those of a page that is not shown too."""
    pages = (read_page(_readable(part)) for part in parts if _is_words(part) and part.get_content_subtype() == "html")
    found = {picture.data: picture for page in pages for picture in page.pictures}
    return [Enclosed(_CONTROL.sub("", picture.name), picture.data) for picture in found.values()]


def _is_plain(part: EmailMessage) -> bool:
    return part.get_content_type() == "text/plain" and _is_words(part)


def _is_file(part: EmailMessage) -> bool:
    """Whether a part is none of the ways to put the words, such as a picture or an invitation."""
    is_a_way = part.get_content_maintype() == "text" and part.get_content_subtype() in _WAYS
    return not is_a_way or part.is_attachment() or bool(part.get_filename())


def _is_words(part: EmailMessage) -> bool:
    return part.get_content_type() in {"text/plain", "text/html"} and not part.is_attachment() and not part.get_filename()


def _bytes_of(part: EmailMessage) -> bytes:
    """The file in a part: a message within the message as it would be saved, text in UTF-8."""
    inner = part.get_payload()
    if isinstance(inner, list) and str(part.get("content-transfer-encoding", "")).strip().lower() in {"base64", "quoted-printable"}:
        return _decoded_message(part, inner)
    if isinstance(inner, list):
        return b"\n".join(each.as_bytes() for each in inner if isinstance(each, EmailMessage))
    if part.get_content_maintype() == "text":
        return _text_of(part).encode()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decoded_message(part: EmailMessage, inner: Sequence[object]) -> bytes:
    """A message within the message that was encoded as a whole, which RFC 2046 forbids and some servers do."""
    coded = EmailMessage()
    coded["Content-Transfer-Encoding"] = str(part["content-transfer-encoding"])
    as_it_came = EmailPolicy(refold_source="none")
    raw = b"".join(each.as_bytes(policy=as_it_came) for each in inner if isinstance(each, EmailMessage))
    coded.set_payload(raw.decode("ascii", "surrogateescape"))
    payload = coded.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text_of(part: EmailMessage) -> str:
    """The text in the character set that the part states; raises LookupError and UnicodeDecodeError when that does not work.

    A part that states none, ASCII, or that it does not know, is read as UTF-8, of which ASCII is a part.
    Other bytes are hardly ever UTF-8 by chance.
    """
    payload = part.get_payload(decode=True)
    stated = part.get_content_charset("us-ascii")
    if isinstance(payload, bytes) and (stated in UNSTATED or stated in OTHER_NAMES):
        return payload.decode(OTHER_NAMES.get(stated, "utf-8"))
    return str(part.get_content(errors="strict"))
