"""Old versions of events and operations, brought up to the present ones when they are read."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""From the object of one version to that of the next, its `type` included. Pure; fields that it does not
know it hands on."""

Upcasters = Mapping[str, Upcaster]
"""By the type that each takes."""

UPCASTERS: Upcasters = {}
"""The old versions there are. A type comes in here on the day it leaves `types.Event` or `OperationBody`."""


class CannotUpcast(Exception):
    """Something under an old type that is not as that version was."""


class _Typed(Struct):
    type: str = ""


def upcast(raw: Raw | bytes, upcasters: Upcasters = UPCASTERS) -> bytes | None:
    """An old version in the words of the newest one that the table leads to; None for what is no old version.

    Raises `CannotUpcast`.
    """
    if not upcasters or _type(raw) not in upcasters:
        return None
    try:
        said = msgspec.json.decode(raw)
        # No chain has more steps than the table, so one that bites its own tail ends too.
        for _ in upcasters:
            step = upcasters.get(said["type"])
            said = said if step is None else step(said)
        return msgspec.json.encode(said)
    # What our step stumbles over is not what its version allowed; kept in quarantine it can be tried again.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CannotUpcast(f"not as its version was: {type(error).__name__}: {error}") from error


def _type(raw: Raw | bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=_Typed).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
