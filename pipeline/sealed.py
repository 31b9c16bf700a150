"""Records that hold what nobody should meet in a message: their repr tells their kind and nothing that is in them."""

from __future__ import annotations

from msgspec import Struct


class Sealed(Struct, frozen=True):
    """A frozen record whose repr holds no value, such as a person's answers or the bytes of a file."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
