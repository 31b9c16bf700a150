"""One built packet for the tests of this room: the sample, as a draft on facsimiles and as it is on official forms."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pipeline.packet.build import BuildOptions, Built, build_packet
from tests.conftest import SAMPLE, missing
from tests.evidence.benches import shared_bench
from tests.packet.finished import Finished, finish


@dataclass(frozen=True)
class Packet:
    """A built packet and its manifest."""

    built: Built
    manifest: dict[str, Any]

    @property
    def path(self) -> Path:
        return self.built.folder / "packet.pdf"

    def texts(self) -> list[str]:
        """The text of every page."""
        document = pypdfium2.PdfDocument(self.path)
        try:
            return [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()


def built(out: Path, forms: Path, case: Path = SAMPLE, **options: Any) -> Packet:
    """Build a case with the forms of a folder."""
    done = build_packet(case, BuildOptions(out=out, forms=forms, bench=shared_bench(), **options))
    return Packet(done, json.loads((done.folder / "manifest.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    """The sample on facsimiles."""
    folder = tmp_path_factory.mktemp("draft")
    (folder / "forms").mkdir()
    return built(folder / "out", folder / "forms")


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    """The sample on official forms."""
    folder = os.environ.get("PACKET_FORMS", "")
    if not folder or not (Path(folder) / "i-131.pdf").is_file():
        missing("the official blanks: set PACKET_FORMS to a folder that holds them")
    return built(tmp_path_factory.mktemp("ready") / "out", Path(folder))


@pytest.fixture(params=["draft", "ready"])
def packet(request: pytest.FixtureRequest) -> Packet:
    """The sample's packet, on facsimiles and on official forms: the same tests run over both."""
    found: Packet = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The sample on facsimiles, with what read back expects of it."""
    return finish(tmp_path_factory.mktemp("finished"))
