"""From a terminal's report to the right answer, on a real broker, a real engine and every service."""

import os
import signal
from typing import Any

import httpx
import pytest
from independent.compare import until_equal
from independent.sender import make_events, register, send
from park import Park, until

from kmonitor.local.stack import Stack


async def test_what_is_read_equals_what_an_independent_sender_sent(park: Park) -> None:
    terminals = await register(park.gateway, park.token, 20, seed=7)
    ledger = await send(park.gateway, make_events(terminals, 5_000, seed=7), seed=7)
    assert sum(1 for _ in ledger.entries) >= 5_000
    assert await until_equal(park.query_api, park.token, ledger, alone=False) == []


async def test_a_jam_reported_by_code_shows_live_and_clears_when_the_unit_is_well(park: Park) -> None:
    kiosk = await park.terminal("JAM-1")
    async with park.live() as live:
        await kiosk.report(kiosk.heartbeat(), kiosk.printer(protocol="escpos", code="08"))
        await live.first("fault", terminal="JAM-1", condition="jammed", cleared_at=None)
        faults = await until(lambda: park.open_faults("JAM-1"))
        assert (faults["jammed"]["device"], faults["jammed"]["severity"]) == ("receipt_printer", "error")
        shown = await until(lambda: degraded(park, "JAM-1"))
        assert shown["devices"][0]["code"] == "08"
        await kiosk.report(kiosk.printer(condition="ok"))

        async def cleared() -> bool:
            return await park.open_faults("JAM-1") == {}

        await until(cleared)
    history = await until(lambda: cleared_faults(park, "JAM-1"))
    assert [fault["condition"] for fault in history] == ["jammed"]


async def degraded(park: Park, terminal: str) -> dict[str, object] | None:
    state: dict[str, object] = await park.get(f"/v1/terminals/{terminal}")
    return state if state["status"] == "degraded" else None


async def cleared_faults(park: Park, terminal: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = (await park.get("/v1/faults", status="cleared", terminal=terminal))[
        "items"
    ]
    return items


async def test_a_jam_that_arrives_after_a_newer_heartbeat_still_shows(park: Park) -> None:
    kiosk = await park.terminal("LATE-1")
    jam = kiosk.validator("43", age_s=20)
    await kiosk.report(kiosk.heartbeat())
    await kiosk.report(jam)
    faults = await until(lambda: park.open_faults("LATE-1"))
    assert list(faults) == ["jammed"]
    assert (await park.get("/v1/terminals/LATE-1"))["status"] == "stopped"


async def test_a_terminal_that_stops_reporting_is_silent_and_one_that_reports_is_not(park: Park) -> None:
    gone = await park.terminal("GONE-1", report_interval_s=2)
    here = await park.terminal("HERE-1", report_interval_s=2)
    await gone.report(gone.heartbeat())

    async def silent() -> bool:
        await here.report(here.heartbeat())
        return bool((await park.get("/v1/terminals/GONE-1"))["status"] == "silent")

    await until(silent, every_s=0.5)
    assert (await park.get("/v1/terminals/HERE-1"))["status"] == "working"
    await gone.report(gone.heartbeat())

    async def working() -> bool:
        return bool((await park.get("/v1/terminals/GONE-1"))["status"] == "working")

    await until(working)


@pytest.mark.parametrize("service", ["ingest-gateway", "fault-detector"])
async def test_a_service_of_ours_that_stands_still_makes_nobody_silent(
    stack: Stack, park: Park, service: str
) -> None:
    names = [f"STILL-{service}-{number}" for number in range(12)]
    kiosks = [await park.terminal(name, report_interval_s=4) for name in names]

    async def report_all() -> None:
        for kiosk in kiosks:
            try:
                await kiosk.post(kiosk.heartbeat())
            except httpx.TransportError:
                continue  # the gateway stands still; the next round tells the same

    await report_all()
    pid = stack.pid(service)
    os.kill(pid, signal.SIGSTOP)
    try:
        rounds = 0

        async def long_enough() -> bool:
            nonlocal rounds
            rounds += 1
            if service != "ingest-gateway":
                await report_all()
            return rounds >= 8

        await until(long_enough, every_s=2.5, patience_s=60)  # 20 s: five intervals
    finally:
        os.kill(pid, signal.SIGCONT)

    async def all_heard() -> bool:
        await report_all()
        items = (await park.get("/v1/terminals", q=f"STILL-{service}"))["items"]
        return [item["status"] for item in items] == ["working"] * 12

    await until(all_heard, every_s=1)
    for name in names:
        assert (await park.get("/v1/faults", status="all", terminal=name))["items"] == []


async def test_an_identity_with_two_contents_counts_once_and_keeps_the_other(park: Park) -> None:
    kiosk = await park.terminal("TWICE-1")
    said: dict[str, Any] = {
        "service": "s",
        "recipient": "r",
        "method": "cash",
        "currency": "RUB",
        "payment_id": "p-1",
    }
    sums = {"inserted_minor": 50_000, "credited_minor": 50_000}
    first = kiosk.event("payment.accepted.v1", **said, **sums)
    await kiosk.report(first)
    await kiosk.report(first | {"credited_minor": 40_000, "fee_minor": 10_000})

    async def conflict() -> list[str]:
        items = (await park.get("/v1/quarantine"))["items"]
        return [item["reason"] for item in items if item.get("terminal") == "TWICE-1"]

    assert await until(conflict) == ["identity_conflict"]
    revenue = (await park.get("/v1/revenue", group_by="terminal"))["items"]
    assert [row["credited_minor"] for row in revenue if row["terminal"] == "TWICE-1"] == [50_000]


async def test_an_unreadable_item_is_kept_and_the_rest_of_its_report_counts(park: Park) -> None:
    kiosk = await park.terminal("ODD-1")
    answer = await kiosk.post(kiosk.heartbeat(), kiosk.event("coffee.brewed.v1", strength=9))
    assert [item["reason"] for item in answer.json()["rejected"]] == ["unknown_type"]

    async def kept() -> list[str]:
        items = (await park.get("/v1/quarantine"))["items"]
        return [item["reason"] for item in items if item.get("terminal") == "ODD-1"]

    assert await until(kept) == ["unknown_type"]
    assert (await park.get("/v1/terminals/ODD-1"))["status"] == "working"
