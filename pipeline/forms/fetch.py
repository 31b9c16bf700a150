"""Fetching official blanks from their publisher: checked before they are kept, and kept whole or not at all."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from typing import IO, Any
from urllib.parse import urlsplit

from pipeline.errors import FormFileError
from pipeline.forms.editions import current
from pipeline.forms.store import OfficialForm, keep, recognise

LIMIT = 20_000_000
"""Bytes after which a download is given up; the largest of these forms has 0.7 million."""
TIMEOUT = 30.0
"""Seconds without an answer or a byte after which a download is given up."""
_PATIENCE = 10
"""A download may take this many times its time-out in all, so that a server that sends a byte now and then ends too."""
_CHUNK = 65536


def fetch(
    form: str, folder: Path | None = None, *, url: str = "", schemes: Sequence[str] = ("https",), timeout: float = TIMEOUT
) -> OfficialForm:
    """Download a form's current edition into the forms folder.

    `url` stands instead of the publisher's address in the inventory; `schemes` is for tests against a server of their own.
    Raises FormFileError when the download fails or is not that form, and OutputError when it cannot be kept; the folder
    then holds what it held before.
    """
    edition = current(form)
    address = url or edition.inventory.source_url
    data = _download(address, schemes, timeout)
    if recognise(data, address) is not edition:
        raise FormFileError.one("form-other", address, f"this is not Form {form}", "Check the address in inventory.json.")
    return keep(edition, data, folder, timeout)


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to an address of an allowed scheme."""

    def __init__(self, schemes: Sequence[str]) -> None:
        self._schemes = schemes

    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme not in self._schemes:
            raise urllib.error.URLError(f"redirects to an address that is not {' or '.join(self._schemes)}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_302(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any) -> Any:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except (OSError, ValueError):
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _download(address: str, schemes: Sequence[str], timeout: float) -> bytes:
    """The bytes at an address; raises FormFileError."""
    if urlsplit(address).scheme not in schemes:
        raise _failed(address, f"only {' and '.join(schemes)} addresses are fetched")
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.HTTPSHandler(), urllib.request.HTTPHandler(), _SameScheme(schemes), urllib.request.ProxyHandler()):
        opener.add_handler(handler)
    opener.add_handler(urllib.request.HTTPDefaultErrorHandler())
    opener.add_handler(urllib.request.HTTPErrorProcessor())
    try:
        with opener.open(address, timeout=timeout) as answer:
            return _body(address, answer, timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise _failed(address, f"the server answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise _failed(address, f"the download failed ({reason})") from error


def _body(address: str, answer: Any, timeout: float) -> bytes:
    announced = str(answer.headers.get("Content-Length") or "")
    expected = int(announced) if announced.isascii() and announced.isdigit() else None
    if expected is not None and expected > LIMIT:
        raise _failed(address, f"the file is larger than {LIMIT:,} bytes")
    body, latest = bytearray(), monotonic() + _PATIENCE * timeout
    while chunk := answer.read1(_CHUNK):
        body += chunk
        if len(body) > LIMIT:
            raise _failed(address, f"the file is larger than {LIMIT:,} bytes")
        if monotonic() > latest:
            raise _failed(address, f"the download is too slow, {len(body):,} bytes in {_PATIENCE * timeout:g} seconds")
    if expected is not None and len(body) != expected:
        raise _failed(address, f"the download broke off after {len(body):,} of {expected:,} bytes")
    if not body.startswith(b"%PDF-"):
        raise _failed(address, "the server sent something that is not a PDF")
    return bytes(body)


def _failed(address: str, message: str) -> FormFileError:
    return FormFileError.one(
        "form-fetch", address, message, "Try again later, or download the form in a browser and run `packet forms add FILE`."
    )
