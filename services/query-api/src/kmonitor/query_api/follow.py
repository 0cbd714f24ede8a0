"""Follows the topics that hold the present, and opens the live stream once all of it has been read."""

import asyncio
from collections.abc import Callable

from kmonitor.kafka.follower import Apply, Follower
from kmonitor.kafka.topics import (
    FAULT_EVENTS,
    OPEN_FAULTS,
    OPERATIONS,
    TERMINAL_EVENTS,
    TERMINAL_STATES,
)
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.vector import Vector
from kmonitor.query_api.now import Now
from kmonitor.runtime.logs import get_logger

LOG = get_logger("follow")
PATIENCE_S = 5.0


async def follow(now: Now, bootstrap: str, instance: str, opened: Callable[[], None]) -> None:
    """Goes on until cancelled; `opened` is called when `now` is complete. What ends a follower rises."""
    followers = (
        _follower(bootstrap, instance, "operations", [OPERATIONS], now.take_operations),
        _follower(bootstrap, instance, "present", [TERMINAL_STATES, OPEN_FAULTS], now.take_present),
        Follower(
            bootstrap,
            [FAULT_EVENTS, TERMINAL_EVENTS],
            now.take_happening,
            client_id=f"{instance}-happening",
            start="end",
            say=_say("happening"),
        ),
    )
    now.office = followers[0]
    async with asyncio.TaskGroup() as group:
        for follower in followers:
            group.create_task(follower.run())
        for follower in followers:
            while not await follower.caught_up(PATIENCE_S):
                LOG.info("reading what is there", terminals=len(now.fleet))
        positions = {place: offset for each in followers for place, offset in each.positions.items()}
        vector = Vector(positions)
        vector.take(positions)
        now.hub = Hub(vector)
        LOG.info("everything has been read", terminals=len(now.fleet))
        opened()


def _follower(bootstrap: str, instance: str, name: str, topics: list[str], apply: Apply) -> Follower:
    return Follower(bootstrap, topics, apply, client_id=f"{instance}-{name}", say=_say(name))


def _say(name: str) -> Callable[[str | None], None]:
    # Told, but no reason to be not ready: what was true when the broker went away is still worth showing.
    def say(trouble: str | None) -> None:
        if trouble is None:
            LOG.info("the broker answers again", follower=name)
        else:
            LOG.warning("the broker is away", follower=name, trouble=trouble)

    return say
