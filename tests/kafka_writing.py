"""Writes plain values to a topic."""

import asyncio

from kmonitor.kafka.producer import DurableProducer


def write(bootstrap: str, topic: str, *values: bytes) -> None:
    """In this order, each confirmed when it returns."""

    async def send() -> None:
        async with DurableProducer(bootstrap, client_id="writer") as producer:
            await asyncio.gather(*(producer.send(topic, b"", value) for value in values))

    asyncio.run(send())
