"""Texts of the context that can only be one of the words that the case schema lists at some place."""

from __future__ import annotations

from msgspec import Struct


class Words(Struct, frozen=True):
    """The place in the case schema whose `enum` a text is taken from: property names, and 0 for the entries of a list."""

    path: tuple[str | int, ...]
