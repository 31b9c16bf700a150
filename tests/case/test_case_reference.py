"""`docs/case.md` is what the schema says today, and every link and every property is on it."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.case.reference import reference_markdown
from pipeline.case.skeleton import kinds
from tests.case.test_case_schema_files import PROPERTIES

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "case.md"
_WRITE = "python -c 'from pipeline.case.reference import reference_markdown as page; print(page(), end=\"\")' > docs/case.md"


def test_the_committed_page_is_the_generated_one() -> None:
    assert _PAGE.read_text(encoding="utf-8") == reference_markdown(), f"write it anew: {_WRITE}"


def test_every_link_leads_to_one_heading() -> None:
    page = reference_markdown()
    anchors = [heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", page, re.MULTILINE)]
    assert len(set(anchors)) == len(anchors)
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links <= set(anchors)
    assert set(anchors) - links == {"case", "filing-kinds"}


def test_every_property_and_every_kind_is_on_the_page() -> None:
    page = reference_markdown()
    assert [name for name in {one[2] for one in PROPERTIES} if f"| `{name}` |" not in page] == []
    assert [kind for kind in kinds() if f"| `{kind}` |" not in page] == []


def test_a_row_has_five_cells() -> None:
    for line in reference_markdown().splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6, line
