"""Records that tell nothing of what they hold."""

from __future__ import annotations

from pathlib import Path

from pipeline import CaseText
from pipeline.case.model import Role
from pipeline.evidence.model import Wishes


def test_neither_repr_nor_what_rich_asks_for_shows_what_a_record_holds() -> None:
    for record in (CaseText(Path("case.json"), "hunter2", "a case"), Wishes(password="hunter2"), Role((), {"ssn": "hunter2"})):
        assert f"{record!r} {record} {[record]}".count(f"<{type(record).__name__}>") == 3
        assert "hunter2" not in f"{record!r} {record} {[record]}"
        assert record.__rich_repr__() == []
