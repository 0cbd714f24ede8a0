"""A record as it stands in a topic."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Headers = list[tuple[str, bytes]]


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of a topic; `value` None is a tombstone, `timestamp_ms` is when it was written."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


def read(messages: Iterable[Any]) -> Iterator[Record]:
    """The records of confluent's messages, in their order."""
    for message in messages:
        headers = message.headers()
        yield Record(
            message.topic(),
            message.partition(),
            message.offset(),
            message.key(),
            message.value(),
            tuple(headers) if headers else (),
            message.timestamp()[1],
        )
