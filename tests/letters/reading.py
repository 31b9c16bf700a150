"""Contexts made as the packet room makes them, and documents as text, for tests of what letters say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.case.model import Case
from pipeline.case.schema import read_case
from pipeline.case.skeleton import smallest_case
from pipeline.letters.checking.prose import read
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import Rendered
from pipeline.letters.office import Style
from pipeline.packet.proofs.specimens import Specimen, specimen

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
BASES = ROOT / "tests" / "resources" / "cases" / "base"


@cache
def sample_specimen(name: str) -> Specimen:
    """A sample of the repository, laid out with assumed lengths."""
    return specimen(read_case(SAMPLES / name / "case.json"), name)


def base_specimen(name: str, **request: Any) -> Specimen:
    """A case of tests/resources/cases/base, with some of its request changed."""
    data = json.loads((BASES / f"{name}.json").read_text(encoding="utf-8"))
    data["request"] |= request
    return specimen(Case(BASES / f"{name}.json", data), name)


def smallest(kind: str, item: str | None = None, **more: Any) -> LetterContext:
    """The context of the smallest case of a kind, with some of its properties changed."""
    return specimen(Case(Path("case.json"), smallest_case(kind, item) | more), kind).context


def words(document: Rendered) -> str:
    """The text of a document with single spaces."""
    return " ".join(read(document.pdf, Style()).text.split())
