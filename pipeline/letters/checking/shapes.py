"""What a template may ask of a value: shapes made from the type hints of the context's records."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from msgspec import Struct

from pipeline.case.vocabulary import node_at
from pipeline.letters.closed import Words
from pipeline.letters.context import LetterContext
from pipeline.letters.office import Style
from pipeline.letters.words import Item, Vocabulary


class Shape(Struct, frozen=True):
    """A value that nothing is known of; everything may be asked of it."""


class Text(Shape, frozen=True):
    """A text; `words` are the only ones it can be, when they are known."""

    words: tuple[str, ...] = ()


class ListOf(Shape, frozen=True):
    """A list of values of one shape."""

    entry: Shape


class Table(Shape, frozen=True):
    """A mapping from text; `keys` are all it has, when they are known."""

    entry: Shape
    keys: tuple[str, ...] = ()


class Record(Shape, frozen=True):
    """A record of the context."""

    of: type[Struct]

    def names(self) -> tuple[str, ...]:
        """The fields and properties that it has."""
        return tuple(_hints(self.of))

    def attribute(self, name: str) -> Shape | None:
        """The shape of a field or property; None when there is no such name."""
        hint = _hints(self.of).get(name)
        return None if hint is None else shape_of(hint)


ANYTHING = Shape()


@cache
def _hints(of: type[Struct]) -> Mapping[str, Any]:
    """The type hint of each field and property of a record."""
    found = typing.get_type_hints(of, include_extras=True)
    hints = {name: found[name] for name in of.__struct_fields__}
    for name, member in vars(of).items():
        if isinstance(member, property) and member.fget:
            hints[name] = typing.get_type_hints(member.fget, include_extras=True).get("return", Any)
    return hints


def shape_of(hint: Any) -> Shape:
    """The shape behind a type hint; an optional value has the shape of what it is when it is there."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        words = next((one for one in arguments[1:] if isinstance(one, Words)), None)
        return Text(allowed(words)) if words else shape_of(arguments[0])
    if origin in (types.UnionType, typing.Union):
        real = [one for one in arguments if one is not type(None)]
        return shape_of(real[0]) if len(real) == 1 else ANYTHING
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Table(shape_of(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return ListOf(shape_of(arguments[0]))
    if hint is str:
        return Text()
    return Record(hint) if isinstance(hint, type) and issubclass(hint, Struct) else ANYTHING


@cache
def allowed(words: Words) -> tuple[str, ...]:
    """The words that the case schema allows at a place.  Raises ValueError when the schema has no list of words there."""
    node = node_at(words.path)
    listed = node.first("enum") if node else None
    if not listed:
        raise ValueError(f"the case schema lists no words at {'/'.join(map(str, words.path))}")
    return tuple(listed)


def context_shapes() -> dict[str, Shape]:
    """The names that every template sees, with their shapes."""
    record = Record(LetterContext)
    shapes = {name: record.attribute(name) or ANYTHING for name in record.names()}
    return shapes | {"item": Record(Item), "words": Record(Vocabulary), "style": Record(Style)}
