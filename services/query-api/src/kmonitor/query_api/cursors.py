"""Cursors: where a list goes on, opaque to the reader and refused when it is another list's."""

import base64
import binascii
from datetime import datetime

import msgspec

from kmonitor.events.codec import FIRST_YEAR, LAST_YEAR
from kmonitor.query_api.problems import wrong_parameter

MOST = 1000
DEFAULT = 100


def cursor(of: str, place: list[str | int]) -> str:
    """The cursor of the list `of` after what stands at `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode([of, *place])).decode().rstrip("=")


def place(of: str, said: str | None, *kinds: type) -> list[str | int] | None:
    """The place that a cursor tells, None without one. Raises a problem if it is not this list's."""
    if said is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))
        name, *found = msgspec.json.decode(raw, type=list[str | int])
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _foreign() from error
    if name != of or len(found) != len(kinds) or not all(map(_fits, found, kinds)):
        raise _foreign()
    return found


def instant_of(part: str) -> datetime:
    """A time that stands in a cursor."""
    try:
        moment = datetime.fromisoformat(part)
    except ValueError as error:
        raise _foreign() from error
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _foreign()
    return moment


def _fits(part: str | int, kind: type) -> bool:
    if isinstance(part, int):
        return kind is int and 0 <= part < 2**63
    return kind is str and part.isprintable()


def _foreign() -> Exception:
    return wrong_parameter("cursor", "not a cursor of this list: take it from `next` of the same call")
