"""Whether objects of two PDF files are equal in all that they hold and refer to."""

from __future__ import annotations

from collections.abc import Iterable

from pikepdf import Array, Dictionary, Object, Stream

Pairs = set[tuple[tuple[int, int], tuple[int, int]]]
"""Objects of two files, by number, that were compared before."""


def contents(page: Object) -> list[Object]:
    """The streams that draw a page, in order."""
    drawn = page.get("/Contents", Array())
    return list(drawn) if isinstance(drawn, Array) else [drawn]


class Contents:
    """Reads what draws the pages of one file, streams that pages share once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}

    def of(self, page: Object) -> list[bytes]:
        """The page's streams, decoded, in order."""
        return [self._read(part) for part in contents(page)]

    def _read(self, part: Object) -> bytes:
        known = self._known.get(part.objgen)
        if known is None:
            known = self._known[part.objgen] = part.read_bytes()
        return known


def equal(one: object, other: object, compared: Pairs) -> bool:
    """Whether objects of two files are equal in all that they hold and refer to; of streams, the bytes as they are stored.

    Pairs in `compared` are passed over, and those met are added: with one set for two files, what pages share is compared once.
    """
    waiting = [(one, other)]
    while waiting:
        a, b = waiting.pop()
        if isinstance(a, Object) and isinstance(b, Object) and a.is_indirect and b.is_indirect:
            if (pair := (a.objgen, b.objgen)) in compared:
                continue
            compared.add(pair)
            if a == b:  # pikepdf's own comparison is quick, but says no when an object holds itself
                continue
        within = _within(a, b)
        if within is None:
            return False
        waiting += within
    return True


def _within(a: object, b: object) -> Iterable[tuple[object, object]] | None:
    """What two objects hold, in pairs; None when they differ already."""
    if not isinstance(a, Object) or not isinstance(b, Object):  # a number, a truth value, or nothing
        return () if type(a) is type(b) and a == b else None
    if isinstance(a, Stream) and isinstance(b, Stream) and a.read_raw_bytes() == b.read_raw_bytes():
        a, b = a.stream_dict, b.stream_dict
    if isinstance(a, Dictionary) and isinstance(b, Dictionary) and a.keys() == b.keys():
        return [(value, b[key]) for key, value in a.items()]
    if isinstance(a, Array) and isinstance(b, Array) and len(a) == len(b):
        return zip(a, b, strict=True)
    return () if not isinstance(a, Stream | Dictionary | Array) and a == b else None
