"""Everything derived is dropped and built again from the log: the answers are the very same."""

import asyncio
from typing import Any

import pytest
from independent.compare import until_equal
from independent.sender import Terminal, make_events, register, send
from park import Park, until

from kmonitor.local.stack import Stack


@pytest.mark.timeout(600)
async def test_what_is_rebuilt_from_the_log_equals_what_was_live(stack: Stack) -> None:
    park = Park.of(stack.describe())
    terminals = await register(park.gateway, park.token, 10, seed=5, report_interval_s=5)
    ledger = await send(park.gateway, make_events(terminals, 1_500, seed=5), seed=5)
    kiosk = await park.terminal("ODD-1", report_interval_s=5)
    await kiosk.report(kiosk.validator("43"), kiosk.event("coffee.brewed.v1"))
    assert await until_equal(park.query_api, park.token, ledger, alone=False) == []
    await until(lambda: all_are_silent(park, 11))
    live = await answers(park, terminals)
    assert stack.stop() == 0
    await asyncio.to_thread(stack.start, rebuild=True)

    async def rebuilt() -> bool:
        return await answers(park, terminals) == live

    await until(rebuilt, patience_s=60, every_s=1)


async def all_are_silent(park: Park, count: int) -> bool:
    """Nothing more happens by itself then, so that two moments can be compared."""
    summary = await park.get("/v1/summary")
    return bool(summary["terminals"].get("silent") == count)


async def answers(park: Park, terminals: list[Terminal]) -> dict[str, Any]:
    """What every reader would see that comes from the log alone."""
    names = ["ODD-1", *(terminal.name for terminal in terminals)]
    states = [await park.get(f"/v1/terminals/{name}") for name in names]
    revenue = await park.get("/v1/revenue", group_by="terminal,service,recipient,method,hour", limit=1000)
    faults = (await park.get("/v1/faults", status="all", limit=1000))["items"]
    events = [await park.get(f"/v1/terminals/{name}/events", limit=1000) for name in names]
    completeness = await park.get("/v1/completeness")
    quarantine = (await park.get("/v1/quarantine"))["items"]
    audit = (await park.get("/v1/audit", limit=1000))["items"]
    return {
        "states": states,
        "revenue": sorted(map(str, revenue["items"])),
        "faults": sorted(map(str, faults)),
        "events": events,
        "completeness": {
            key: completeness[key] for key in ("received", "applied", "duplicate", "quarantined", "missing")
        },
        "quarantine": sorted(map(str, quarantine)),
        "audit": audit,
    }
