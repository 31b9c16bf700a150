"""A finished packet to be damaged, and what it has to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from msgspec.structs import replace

from pipeline.packet import build as build_module
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.readback.read import Expected, read_back
from tests.conftest import SAMPLE

Damage = Callable[[pikepdf.Pdf, pikepdf.Object], object]


@dataclass(frozen=True)
class Finished:
    """The sample's packet, what it has to show, and a page of it that shows evidence, as does the one behind it."""

    packet: Path
    expected: Expected
    page: int
    form_page: int
    """A page of a form with texts and ticks."""

    def found(self, packet: Path) -> list[str]:
        """Places and messages of what read back finds in another file."""
        return [f"{f.where}: {f.message}" for f in read_back(packet, self.expected)]

    def found_after(self, damage: Damage, page: int, folder: Path) -> list[str]:
        """The same of a copy with damage to one of its pages, from 1."""
        with pikepdf.open(self.packet) as pdf:
            damage(pdf, pdf.pages[page - 1].obj)
            pdf.save(folder / "damaged.pdf")
        return self.found(folder / "damaged.pdf")


def finish(folder: Path) -> Finished:
    """The sample's packet on facsimiles, in an empty folder, with copies of the converted evidence."""
    (folder / "forms").mkdir()
    taken: list[Expected] = []

    def take(packet: Path, expected: Expected) -> tuple[()]:
        """In the place of read back: keeps what the build removes when it ends."""
        (folder / "packet.pdf").write_bytes(packet.read_bytes())
        files = []
        for number, laid in enumerate(expected.files):
            copy = folder / f"{number}.pdf"
            copy.write_bytes(laid.file.kept.file.read_bytes())
            files.append(replace(laid, file=replace(laid.file, kept=replace(laid.file.kept, file=copy))))
        taken.append(replace(expected, files=tuple(files)))
        return ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "read_back", take)
        build_packet(SAMPLE, BuildOptions(out=folder / "out", forms=folder / "forms"))
    page = next(laid.first for laid in taken[0].files if laid.file.piece.pages > 1)
    values = [value for form in taken[0].forms for value in form.values]
    texts = {value.packet_page for value in values if value.text}
    form_page = next(value.packet_page for value in values if value.ticked and value.packet_page in texts)
    return Finished(folder / "packet.pdf", taken[0], page, form_page)
