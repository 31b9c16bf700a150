"""Records that hold what nobody should meet in a message: their repr tells their kind and nothing that is in them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Sealed(Struct, frozen=True):
    """A frozen record whose repr holds no value, such as a person's answers or the bytes of a file."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing for the library rich either, which would show every field of a Struct."""
        return []
