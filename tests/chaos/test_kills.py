"""Killed with SIGKILL in turn, and all at once, while an independent sender sends: exact, and nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from independent.compare import until_equal
from independent.ledger import Ledger
from independent.sender import make_events, register, send
from park import Park, until

from kmonitor.local.stack import Stack

IN_TURN = [
    "ingest-gateway",
    "terminal-state",
    "fault-detector",
    "revenue-rollup",
    "event-archive",
    "query-api",
    "kafka",
    "clickhouse",
]
EVENTS = 5_000


@pytest.mark.timeout(900)
async def test_every_process_is_killed_in_turn_then_all_at_once(stack: Stack) -> None:
    park = Park.of(stack.describe())
    terminals = await register(park.gateway, park.token, 20, seed=11)
    reports = make_events(terminals, EVENTS, seed=11)
    progress: list[Ledger] = []
    sending = asyncio.ensure_future(
        send(park.gateway, reports, seed=11, at_a_time=4, pause_s=0.15, on_taken=progress.append)
    )
    for name in IN_TURN:
        killed = stack.kill(name)
        so_far = len(progress)

        async def alive_again(name: str = name, killed: int = killed, so_far: int = so_far) -> bool:
            return stack.pid(name) != killed and len(progress) > so_far

        await until(alive_again, patience_s=60)
    await until(half_is_sent(progress, len(reports)), patience_s=120)
    await asyncio.to_thread(stack.kill_all)
    await asyncio.to_thread(stack.start)
    ledger = await sending
    assert await until_equal(park.query_api, park.token, ledger, patience_s=120) == []


def half_is_sent(progress: list[Ledger], reports: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(progress) >= reports // 2

    return enough
