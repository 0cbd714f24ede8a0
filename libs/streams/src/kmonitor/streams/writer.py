"""What goes out: batches to the broker, each with one word that it is durable."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

Headers = Sequence[tuple[str, bytes]]
Target = tuple[str, int]
"""A topic and the number of a partition."""


class Record(NamedTuple):
    """A record to write; a value of None is a tombstone."""

    key: bytes
    value: bytes | None
    headers: Headers = ()


async def write(producer: AIOKafkaProducer, records: Mapping[Target, Sequence[Record]]) -> dict[Target, int]:
    """Returns when all of them are durable, with the last offset written in each partition.

    Whole batches and one future each, not Faust's and aiokafka's objects and callbacks for each record. The
    futures are the only proof: `producer.flush()` returns as well when a batch has failed. An idempotent
    producer does not give up a batch while the broker is away; what it does give up rises here.
    """
    sent = [
        (target, builder.record_count(), await _enqueue(producer, builder, target))
        for target, batch in records.items()
        for builder in _batches(producer, batch)
    ]
    confirmed = await asyncio.gather(*(future for _, _, future in sent))
    return {
        target: metadata.offset + count - 1
        for (target, count, _), metadata in zip(sent, confirmed, strict=True)
    }


def _batches(producer: AIOKafkaProducer, records: Sequence[Record]) -> list[Any]:
    builders = [producer.create_batch()]
    for key, value, headers in records:
        said = list(headers)
        if builders[-1].append(timestamp=None, key=key, value=value, headers=said) is None:
            builders.append(producer.create_batch())
            builders[-1].append(timestamp=None, key=key, value=value, headers=said)
    return builders


async def _enqueue(producer: AIOKafkaProducer, builder: Any, target: Target) -> "asyncio.Future[Any]":
    while True:
        try:
            sent: asyncio.Future[Any] = await producer.send_batch(builder, target[0], partition=target[1])
            return sent
        except KafkaTimeoutError:
            # The partition's batch before this one still waits for the broker; nothing was taken of this one.
            continue
