from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.packet.upload.split import Weights, split, too_heavy

BUDGET = 100


@st.composite
def exhibits(draw: st.DrawFn) -> tuple[list[range], dict[int, Weights]]:
    """Exhibits of consecutive pages, each page with objects of its own and some that it shares with others."""
    runs, first = [], 1
    for length in draw(st.lists(st.integers(2, 6), max_size=6)):
        runs.append(range(first, first + length))
        first += length
    shared: st.SearchStrategy[dict[Hashable, int]] = st.dictionaries(st.sampled_from("abc"), st.just(10), max_size=3)
    weights: dict[int, Weights] = {}
    for run in runs:
        for page in run:
            own = draw(st.integers(0, 5 if page == run[0] else 60))
            weights[page] = {page: own, **draw(shared)}
    return runs, weights


def weight(pages: Sequence[int], weights: dict[int, Weights]) -> int:
    together: dict[Hashable, int] = {}
    for page in pages:
        together |= weights[page]
    return sum(together.values())


@settings(max_examples=60)
@given(exhibits())
def test_every_page_is_in_one_part_in_order_and_no_part_is_too_heavy(made: tuple[list[range], dict[int, Weights]]) -> None:
    runs, weights = made
    parts = list(split(runs, weights, BUDGET))
    assert [page for part in parts for page in part] == [page for run in runs for page in run]
    assert all(weight(part, weights) <= BUDGET for part in parts)
    assert all(parts)


@settings(max_examples=60)
@given(exhibits())
def test_an_exhibit_that_fits_into_a_part_is_never_divided(made: tuple[list[range], dict[int, Weights]]) -> None:
    runs, weights = made
    parts = list(split(runs, weights, BUDGET))
    for run in runs:
        if weight(run, weights) <= BUDGET:
            assert sum(any(page in part for page in run) for part in parts) == 1


@settings(max_examples=60)
@given(exhibits())
def test_no_two_parts_that_follow_each_other_would_fit_into_one_unless_exhibits_begin_there(
    made: tuple[list[range], dict[int, Weights]],
) -> None:
    runs, weights = made
    starts = {run[0] for run in runs}
    parts = list(split(runs, weights, BUDGET))
    for one, other in pairwise(parts):
        if other[0] not in starts:
            assert weight([*one, other[0]], weights) > BUDGET


@settings(max_examples=60)
@given(exhibits())
def test_a_sheet_is_never_the_last_page_of_a_part(made: tuple[list[range], dict[int, Weights]]) -> None:
    runs, weights = made
    starts = {run[0] for run in runs}
    assert not any(part[-1] in starts for part in split(runs, weights, BUDGET))


@settings(max_examples=60)
@given(exhibits(), st.integers(1, 80))
def test_pages_that_are_too_heavy_alone_are_found(made: tuple[list[range], dict[int, Weights]], budget: int) -> None:
    runs, weights = made
    assume(runs)
    heavy = too_heavy(weights, budget)
    assert set(heavy) == {page for page in weights if weight([page], weights) > budget}
