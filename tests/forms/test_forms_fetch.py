"""Fetching from a server that misbehaves: a fault is named, and the forms folder keeps what it had."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from pipeline.cli.main import main
from pipeline.errors import FormFileError, OutputError
from pipeline.forms import fetch as fetching
from pipeline.forms.editions import current
from pipeline.forms.facsimile import draw_facsimile
from pipeline.forms.fetch import fetch
from tests.forms.test_forms_editions import as_official, edited

Answer = Callable[[BaseHTTPRequestHandler], None]

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
TIMEOUT = 0.2


@pytest.fixture(scope="module", autouse=True)
def _no_open_connections() -> Iterator[None]:
    """A connection that was left open is found here, and not in the test after."""
    yield
    gc.collect()


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A forms folder that holds a G-28 already."""
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "g-28.pdf").write_bytes(b"what was there")
    return folder


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], str]]:
    """Starts a server on the loopback that answers as a test wants, and gives its address."""
    monkeypatch.setenv("no_proxy", "*")
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
                """Be silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/g-28.pdf"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def sends(body: bytes, length: int | str | None = None, code: int = 200, kind: str = "application/pdf") -> Answer:
    """An answer with this body, announced with its own length unless another is given."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(code)
        to.send_header("Content-Type", kind)
        to.send_header("Content-Length", str(len(body) if length is None else length))
        to.end_headers()
        to.wfile.write(body)

    return answer


def redirects(target: str, code: int = 302) -> Answer:
    """An answer that sends the client elsewhere; `{self}` is the address that was asked for."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        host = to.headers.get("Host", "")
        to.send_response(code)
        to.send_header("Location", target.replace("{self}", f"http://{host}{to.path}"))
        to.send_header("Content-Length", "0")
        to.end_headers()

    return answer


def silent(to: BaseHTTPRequestHandler) -> None:
    """Accept, and say nothing."""
    time.sleep(TIMEOUT * 3)


def stalls(to: BaseHTTPRequestHandler) -> None:
    """Begin well, then stop."""
    to.send_response(200)
    to.send_header("Content-Length", "1000000")
    to.end_headers()
    to.wfile.write(b"%PDF-1.7 " + b"x" * 1000)
    to.wfile.flush()
    time.sleep(TIMEOUT * 3)


def drips(to: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever: no single wait is long."""
    to.send_response(200)
    to.end_headers()
    to.wfile.write(b"%PDF-1.7 ")
    while True:
        to.wfile.write(b"x")
        to.wfile.flush()
        time.sleep(TIMEOUT / 6)


def endless(to: BaseHTTPRequestHandler) -> None:
    """A body without end or length."""
    to.send_response(200)
    to.end_headers()
    while True:
        to.wfile.write(b"%PDF-1.7 " + b"x" * 65536)


def hangs_up(to: BaseHTTPRequestHandler) -> None:
    """Close the connection before an answer."""
    to.connection.shutdown(socket.SHUT_RDWR)


def babbles(to: BaseHTTPRequestHandler) -> None:
    """Something that is not HTTP."""
    to.wfile.write(b"\x00\x01\x02 no protocol at all\r\n\r\n")


def chunks_broken(to: BaseHTTPRequestHandler) -> None:
    """A chunked body whose last chunk is cut off."""
    to.protocol_version = "HTTP/1.1"
    to.send_response(200)
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    to.wfile.write(b"100\r\n%PDF-1.7 cut")
    to.close_connection = True


FAULTS: dict[str, tuple[Answer, str]] = {
    "silent": (silent, "timed out"),
    "stalls": (stalls, "timed out"),
    "drips": (drips, "too slow"),
    "truncated": (sends(b"%PDF-1.7 half", 5000), "broke off after 13 of 5,000 bytes"),
    "chunks-broken": (chunks_broken, "the download failed"),
    "html": (sends(b"<!DOCTYPE html><html>Access denied</html>", kind="text/html"), "not a PDF"),
    "empty": (sends(b""), "not a PDF"),
    "error-500": (sends(b"oops", code=500), "the server answered 500"),
    "error-404": (sends(b"no", code=404), "the server answered 404"),
    "error-503": (sends(b"busy", code=503), "the server answered 503"),
    "to-a-file": (redirects("file:///etc/hostname"), "the server answered 302"),
    "to-ftp": (redirects("ftp://127.0.0.1/g-28.pdf"), "redirects to an address that is not http"),
    "to-nonsense": (redirects("http://[broken"), "the download failed"),
    "in-circles": (redirects("{self}"), "the server answered 302"),
    "endless": (endless, "larger than"),
    "announced-too-large": (sends(b"%PDF-", 10**12), "larger than"),
    "announced-nonsense": (sends(b"<html>", "many"), "not a PDF"),
    "hangs-up": (hangs_up, "the download failed"),
    "babbles": (babbles, "the download failed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_the_folder_keeps_what_it_had(
    fault: str, serve: Callable[[Answer], str], before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, says = FAULTS[fault]
    monkeypatch.setattr(fetching, "LIMIT", 3_000_000)
    address = serve(answer)
    started = time.monotonic()
    with pytest.raises(FormFileError) as caught:
        fetch("G-28", before, url=address, schemes=("http",), timeout=TIMEOUT)
    (finding,) = caught.value.findings
    assert finding.rule == "form-fetch"
    assert says in finding.message, finding.message
    assert "packet forms add" in finding.remedy
    assert time.monotonic() - started < 20 * TIMEOUT
    assert [(p.name, p.read_bytes()) for p in before.iterdir()] == [("g-28.pdf", b"what was there")]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (lambda: as_official("G-1145"), "form-other"),
        (lambda: edited("G-28", "edition 09/26/17"), "form-superseded"),
        (lambda: edited("G-28", "edition 01/01/27"), "form-newer"),
        (lambda: edited("G-28", "rename"), "form-changed"),
        (lambda: draw_facsimile(current("G-28").inventory), "form-facsimile"),
        (lambda: b"%PDF-1.7\nnothing in it", "form-not-pdf"),
        (lambda: as_official("G-28")[:-40000], "form-not-pdf"),
    ],
    ids=["another-form", "old", "newer", "changed", "facsimile", "empty-pdf", "cut-off-pdf"],
)
def test_a_file_that_is_not_the_form_is_not_kept(
    body: Callable[[], bytes], rule: str, serve: Callable[[Answer], str], before: Path
) -> None:
    with pytest.raises(FormFileError) as caught:
        fetch("G-28", before, url=serve(sends(body())), schemes=("http",))
    assert {f.rule for f in caught.value.findings} == {rule}
    assert [(p.name, p.read_bytes()) for p in before.iterdir()] == [("g-28.pdf", b"what was there")]


def test_only_https_is_fetched_unless_a_test_says_otherwise(serve: Callable[[Answer], str], before: Path) -> None:
    asked: list[str] = []
    address = serve(lambda to: asked.append(to.path))
    for url in (address, "file:///etc/hostname", "ftp://127.0.0.1/x.pdf", "g-28.pdf"):
        with pytest.raises(FormFileError, match="only https addresses are fetched"):
            fetch("G-28", before, url=url)
    assert asked == []


def test_an_unknown_form_asks_nobody(before: Path) -> None:
    with pytest.raises(FormFileError) as caught:
        fetch("I-999", before)
    assert caught.value.findings[0].rule == "form-unknown"


def test_the_form_is_kept_whole_private_and_found_again(serve: Callable[[Answer], str], before: Path) -> None:
    body = as_official("G-28")
    address = serve(sends(body))
    fetched = fetch("G-28", before, url=address, schemes=("http",))
    assert (fetched.path, fetched.sha256) == (before / "g-28.pdf", hashlib.sha256(body).hexdigest())
    assert fetched.path.read_bytes() == body
    assert fetched.path.stat().st_mode & 0o077 == 0
    assert {p.name for p in before.iterdir()} <= {"g-28.pdf", ".lock"}


def test_a_redirect_of_the_same_kind_is_followed(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    body = as_official("G-1145")
    address = serve(redirects(serve(sends(body))))
    assert fetch("G-1145", tmp_path / "new" / "forms", url=address, schemes=("http",)).data == body


def test_a_folder_that_another_process_holds_is_left_alone(serve: Callable[[Answer], str], before: Path) -> None:
    address = serve(sends(as_official("G-28")))
    with FileLock(before / ".lock"), pytest.raises(OutputError, match="another process holds the folder"):
        fetch("G-28", before, url=address, schemes=("http",), timeout=TIMEOUT)
    assert (before / "g-28.pdf").read_bytes() == b"what was there"


def test_a_folder_that_cannot_be_written_is_named(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    (tmp_path / "forms").write_text("a file, not a folder")
    with pytest.raises(OutputError) as caught:
        fetch("G-28", tmp_path / "forms", url=serve(sends(as_official("G-28"))), schemes=("http",))
    assert "PACKET_FORMS" in caught.value.findings[0].remedy


def test_the_command_names_every_failure_and_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing listens at the publisher's address here: sockets are allowed to the loopback only."""
    monkeypatch.setenv("PACKET_FORMS", str(tmp_path))
    asked: list[str] = []

    def refuse(address: str, schemes: object, timeout: float) -> bytes:
        asked.append(address)
        raise FormFileError.one("form-fetch", address, "the server answered 503")

    monkeypatch.setattr(fetching, "_download", refuse)
    done = CliRunner().invoke(main, ["forms", "fetch"])
    assert done.exit_code == 6
    assert len(asked) == 6
    assert all(address.startswith("https://www.uscis.gov/") for address in asked)
    assert done.output.count("the server answered 503") == 6
