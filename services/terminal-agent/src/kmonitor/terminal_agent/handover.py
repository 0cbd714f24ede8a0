"""What kiosk software hands over, judged before it gets a number: what can never be read is refused at once."""

import re
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kmonitor.events import codec
from kmonitor.events.strict import repeated_keys
from kmonitor.terminal_agent.errors import Unfit

EVENTS_AT_MOST = 1000
EVENT_BYTES_AT_MOST = 128 * 1024
TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v[1-9][0-9]{0,3}")

_list = msgspec.json.Decoder(list[Raw])


class Ready(Struct, frozen=True):
    """An event that only lacks its number: `rest` is all that follows it, as it came."""

    type: str
    rest: bytes

    def numbered(self, seq: int) -> bytes:
        """The bytes that are sent, every time the same."""
        return b'{"seq":%d,%b' % (seq, self.rest)


def read_events(body: bytes, now: datetime) -> list[Ready]:
    """One event or a list of them; one that says no `at` happened `now`.

    Raises Unfit, naming the event and the field. A type that this agent does not know is passed on
    unjudged: the gateway may be newer.
    """
    raws = _split(body)
    if not 0 < len(raws) <= EVENTS_AT_MOST:
        raise Unfit(f"{len(raws)} events at once: hand over 1 to {EVENTS_AT_MOST}")
    return [_ready(index, raw.strip(), now) for index, raw in enumerate(raws)]


def _split(body: bytes) -> list[bytes]:
    if not body.lstrip().startswith(b"["):
        return [body]
    try:
        return [bytes(raw) for raw in _list.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit(f"this is no JSON list: {error}") from error


def _ready(index: int, raw: bytes, now: datetime) -> Ready:
    said = _object(index, raw)
    type_ = said.get("type")
    if not isinstance(type_, str) or not TYPE.fullmatch(type_):
        raise Unfit("`type` must be as payment.accepted.v1", index)
    if "seq" in said:
        raise Unfit("`seq` is given by the agent: leave it out", index)
    stamp = b"" if "at" in said else b'"at":"%b",' % now.isoformat(timespec="milliseconds").encode()
    ready = Ready(type_, stamp + raw[1:])
    try:
        # `_object` looked for repeated keys already, and `seq` and `at` are only added where there was none.
        codec.decode_event(ready.numbered(1), suspicious=False)
    except codec.InvalidEvent as invalid:
        if invalid.reason != "unknown_type":
            raise Unfit(str(invalid), index) from invalid
    return ready


def _object(index: int, raw: bytes) -> dict[str, Any]:
    """Raises Unfit for what no reader of JSON takes, whatever its type."""
    if len(raw) > EVENT_BYTES_AT_MOST:
        raise Unfit(f"it is larger than {EVENT_BYTES_AT_MOST} bytes", index)
    try:
        said = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit(f"this is no JSON: {error}", index) from error
    if not isinstance(said, dict):
        raise Unfit("an event is a JSON object", index)
    if repeated := repeated_keys(raw):
        raise Unfit(f"the key `{repeated[0]}` is repeated in one object: send it once", index)
    return said
