"""What a resource is: a file, the one thing about it, and what intake must make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Maker = Callable[[], bytes]


@dataclass(frozen=True)
class Resource:
    """One small input."""

    name: str
    why: str
    """The one thing about it, as a sentence for the README."""
    make: Maker = field(repr=False)
    refused: str = ""
    """Rule of the error that keeps it out; empty when it is taken."""
    findings: frozenset[str] = frozenset()
    """Rules of what is noted when it is taken."""
    pages: int = 1
    """Pages in the source and, but for a page range, in the packet."""


class Catalogue:
    """Resources in the order they were written."""

    def __init__(self) -> None:
        self._resources: list[Resource] = []

    def add(self, name: str, why: str, *findings: str, refused: str = "", pages: int = 1) -> Callable[[Maker], Maker]:
        """Decorates the function that makes the file."""

        def enter(make: Maker) -> Maker:
            self._resources.append(Resource(name, why, make, refused, frozenset(findings), pages))
            return make

        return enter

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources)
