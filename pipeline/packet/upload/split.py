"""Which pages go together into one upload: as many as fit, whole exhibits before pages of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from msgspec import Struct, field

Weights = Mapping[Hashable, int]
"""What a page is made of, with the bytes of each; what two pages share weighs once in one file."""


class _Load(Struct):
    """The pages of one part while it is filled."""

    pages: list[int] = field(default_factory=list)
    weights: dict[Hashable, int] = field(default_factory=dict)

    def with_pages(self, pages: Sequence[int], weights: Mapping[int, Weights]) -> _Load:
        """The same with more pages."""
        together = dict(self.weights)
        for page in pages:
            together |= weights[page]
        return _Load([*self.pages, *pages], together)

    @property
    def size(self) -> int:
        return sum(self.weights.values())


def too_heavy(weights: Mapping[int, Weights], budget: int) -> tuple[int, ...]:
    """The pages that do not fit into a part even alone."""
    return tuple(page for page, parts in weights.items() if sum(parts.values()) > budget)


def split(runs: Sequence[Sequence[int]], weights: Mapping[int, Weights], budget: int) -> Iterator[tuple[int, ...]]:
    """The pages of each part, in order, none heavier than `budget`; `runs` are the pages of each exhibit.

    An exhibit begins a new part when it does not fit into the one at hand, and is divided only when it fits into none; its first page, the
    sheet, then stays with the second.  Every page must fit alone (see `too_heavy`), and a sheet beside any.
    """
    load = _Load()
    for run in runs:
        more = load.with_pages(run, weights)
        if more.size <= budget:
            load = more
            continue
        if load.pages:
            yield tuple(load.pages)
        load = _Load().with_pages(run, weights)
        if load.size > budget:
            *full, load = _divided(run, weights, budget)
            yield from (tuple(part.pages) for part in full)
    if load.pages:
        yield tuple(load.pages)


def _divided(run: Sequence[int], weights: Mapping[int, Weights], budget: int) -> Iterator[_Load]:
    load = _Load().with_pages(run[:2], weights)
    for page in run[2:]:
        more = load.with_pages([page], weights)
        if more.size > budget:
            yield load
            more = _Load().with_pages([page], weights)
        load = more
    yield load
