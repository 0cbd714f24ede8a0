"""A terminal that moves: each event is booked where it belonged at its time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from park import Kiosk, Park, until

BEFORE, AFTER = ZoneInfo("Europe/Kaliningrad"), ZoneInfo("Asia/Yekaterinburg")
SAID: dict[str, Any] = {"service": "s", "recipient": "r", "method": "cash", "currency": "RUB"}


def paid(kiosk: Kiosk, at: datetime, credited_minor: int) -> dict[str, Any]:
    event = kiosk.event("payment.accepted.v1", **SAID, payment_id=f"p-{kiosk.seq}")
    return event | {"at": at.isoformat(), "inserted_minor": credited_minor, "credited_minor": credited_minor}


async def test_a_terminal_that_moves_at_noon_is_booked_where_it_belonged(park: Park) -> None:
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    begin = (noon - timedelta(days=30)).isoformat()
    was: dict[str, Any] = {
        "dealer": "d-west",
        "region": "west",
        "timezone": str(BEFORE),
        "effective_from": begin,
    }
    kiosk = await park.terminal("MOVES-1", **was)
    moved = {"dealer": "d-east", "region": "east", "timezone": str(AFTER)}
    update = {"type": "terminal.updated.v1", "terminal": "MOVES-1", "effective_from": noon.isoformat()}
    await park.operate(update | moved, "move-MOVES-1")
    morning, evening = noon - timedelta(seconds=1), noon
    # The later one comes first, and the earlier one a report later.
    late = paid(kiosk, morning, 1_000)
    await kiosk.report(paid(kiosk, evening, 2_000))
    await kiosk.report(late)

    async def booked() -> list[tuple[str, str, str, int]] | None:
        asked = {"terminal": "MOVES-1", "group_by": "dealer,region,hour"}
        rows = (await park.get("/v1/revenue", **asked))["items"]
        found = [(row["dealer"], row["region"], row["hour"], row["credited_minor"]) for row in rows]
        return sorted(found) if len(found) == 2 else None

    assert await until(booked) == [
        ("d-east", "east", evening.astimezone(AFTER).strftime("%Y-%m-%dT%H"), 2_000),
        ("d-west", "west", morning.astimezone(BEFORE).strftime("%Y-%m-%dT%H"), 1_000),
    ]
    history = await park.get("/v1/terminals/MOVES-1/history")
    assert [item["said"].get("dealer") for item in history["items"]] == ["d-west", "d-east"]
    then = await park.get("/v1/terminals/MOVES-1/at", time=morning.isoformat())
    assert (then["dealer"], then["timezone"]) == ("d-west", str(BEFORE))
    assert (await park.get("/v1/terminals/MOVES-1"))["dealer"] == "d-east"
