"""Half a character (a lone surrogate, as `\\ud83d`), which terminals send that cut their texts in UTF-16.

The decoder refuses the whole text around it, so a body is first read with each half replaced, byte for byte as
long, and then given back the items that came.
"""

import re

import msgspec
from msgspec import Raw

_REPLACEMENT = rb"\ufffd"
# Every escape is stepped over, so that an escaped backslash never begins another; only halves are a group.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_MAYBE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_parts = msgspec.json.Decoder(dict[str, Raw])


def made_whole(body: bytes) -> bytes:
    """The body with every half replaced; as long as before, so that everything else stands where it stood."""
    if not _MAYBE_HALF.search(body):
        return body
    return _ESCAPE.sub(lambda escape: _REPLACEMENT if escape[1] else escape[0], body)


def as_they_came(items: list[Raw], whole: bytes, body: bytes) -> list[Raw] | None:
    """The items of `events` that were read from `whole`, as they stand in `body`; None if a half stands
    anywhere else."""
    events = bytes(_parts.decode(whole)["events"])
    place = whole.index(events)
    after = place + len(events)
    if whole[:place] != body[:place] or whole[after:] != body[after:]:
        return None
    came: list[Raw] = []
    for item in items:
        start = whole.index(bytes(item), place)
        place = start + len(bytes(item))
        came.append(Raw(body[start:place]))
    return came
