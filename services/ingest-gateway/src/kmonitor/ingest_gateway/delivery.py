"""Waits for the broker's word, and not for long."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from kmonitor.ingest_gateway.problems import Problem, not_now
from kmonitor.kafka.errors import KafkaTrouble
from kmonitor.kafka.producer import Position
from kmonitor.kafka.records import Headers

CONFIRM_S = 0.95
"""Who waits longer gets 503, within a second of the arrival."""


async def delivered(send: "Callable[[], asyncio.Future[Position]]") -> Position:
    """Where the one record stands that `send` hands to the broker. Raises Problem 503 if not in time."""
    deadline = asyncio.get_running_loop().time() + CONFIRM_S
    try:
        sent = send()
    except KafkaTrouble as trouble:
        raise not_taken() from trouble
    await confirmed([sent], deadline)
    return sent.result()


async def confirmed(futures: "Sequence[asyncio.Future[Any]]", deadline: float) -> None:
    """Returns once the broker has all of it. Raises Problem 503 if not by then: it may have been taken."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Any] = futures[0] if len(futures) == 1 else asyncio.gather(*futures)
    timer = loop.call_at(deadline, waiting.cancel)
    try:
        await waiting
    except KafkaTrouble as trouble:
        raise _perhaps_taken() from trouble
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if not waiting.cancelled() or (task is not None and task.cancelling()):
            raise
        raise _perhaps_taken() from None
    finally:
        timer.cancel()


def redacted_record(redacted: int) -> Headers | None:
    """The header of a record in which card numbers were replaced; none if there were none."""
    return [("redacted", b"%d" % redacted)] if redacted else None


def not_taken() -> Problem:
    """The log has nothing of it."""
    return not_now("the log cannot take it now: send it again")


def _perhaps_taken() -> Problem:
    return not_now("the log did not confirm it in time: it may have been taken; send it again, it counts once")
