"""Typst source that does not end is stopped, by Typst itself or with the process that runs it; the next document is none the worse."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.errors import TemplateError
from pipeline.typeset.compile import ENDLESS, typeset
from pipeline.typeset.job import Bounds, Reach

_HEAD = '#set document(title: "x")\n#set text(lang: "en")\n'
_DAY = date(2026, 11, 24)


def _stopped(body: str, bounds: Bounds | None) -> tuple[str, str]:
    with pytest.raises(TemplateError) as caught:
        typeset(_HEAD + body, name="t.typ.j2", timestamp=_DAY, reach=Reach(bounds=bounds))
    (finding,) = caught.value.findings
    return finding.rule, finding.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("#while true {}", "Typst: condition is always true"),
        ("#let n = 1\n#while n > 0 { n += 1 }", "Typst: loop seems to be infinite"),
        ("#let f(n) = f(n + 1)\n#f(0)", "Typst: maximum function call depth exceeded"),
        ("#show heading: it => heading(it)\n= a", "Typst: maximum show rule depth exceeded"),
    ],
)
def test_what_typst_stops_by_itself_needs_no_other_process(body: str, message: str) -> None:
    assert _stopped(body, None) == ("template-typst", message)


@pytest.mark.parametrize("body", ["#for a in range(99999) { for b in range(99999) {} }", "#block(height: 1e9pt)", "#lorem(1000000000)"])
def test_what_typst_does_not_stop_is_ended_after_its_time(body: str) -> None:
    assert _stopped(body, Bounds(seconds=0.7)) == (ENDLESS, "Typst took longer than 0.7 seconds")


def test_a_text_without_end_is_ended_by_the_bound_on_memory() -> None:
    rule, message = _stopped('#("a" * 10000000000)', Bounds(seconds=30))
    assert rule == ENDLESS
    assert "bytes of memory" in message


def test_after_that_a_document_is_what_it_is_without_bounds() -> None:
    _stopped("#block(height: 1e9pt)", Bounds(seconds=0.7))
    source = f"{_HEAD}Καλημέρα"
    assert typeset(source, name="t", timestamp=_DAY, reach=Reach(bounds=Bounds())) == typeset(source, name="t", timestamp=_DAY)
    with pytest.raises(TemplateError) as caught:
        typeset(f"{_HEAD}#nothing", name="t", timestamp=_DAY, reach=Reach(bounds=Bounds()))
    assert "unknown variable" in caught.value.findings[0].message
