"""What was refused comes back, once, by the command line; what will never come is written off."""

import subprocess
import sys
from typing import Any

import httpx
from park import Park, until
from quarantining import EPOCH, refused_payment, write

from kmonitor.local.stack import Stack

SPOKEN = ("queued", "clock", "last_received_at")


def kmonitor(stack: Stack, *words: str) -> tuple[int, str]:
    """Exit code and all that the command said."""
    command = [sys.executable, "-m", "kmonitor.cli.main", "quarantine", *words, "--data", str(stack.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


async def completeness(park: Park, terminal: str) -> dict[str, Any]:
    one: dict[str, Any] = await park.get(f"/v1/terminals/{terminal}/completeness")
    epochs: dict[int, dict[str, Any]] = {epoch["epoch"]: epoch for epoch in one["epochs"]}
    return epochs.get(EPOCH, {})


async def until_counts(park: Park, terminal: str, **wanted: int) -> dict[str, Any]:
    async def as_wanted() -> dict[str, Any] | None:
        epoch = await completeness(park, terminal)
        return epoch if wanted.items() <= epoch.items() else None

    found: dict[str, Any] = await until(as_wanted)
    return found


async def until_shows(park: Park, terminal: str, field: str) -> dict[str, Any]:
    """The terminal, once there is something in this field."""

    async def shown() -> dict[str, Any] | None:
        now: dict[str, Any] = await park.get(f"/v1/terminals/{terminal}")
        return now if now[field] else None

    found: dict[str, Any] = await until(shown)
    return found


async def credited(park: Park, terminal: str) -> int:
    rows = (await park.get("/v1/revenue", group_by="terminal"))["items"]
    return sum(row["credited_minor"] for row in rows if row["terminal"] == terminal)


async def test_what_an_older_gateway_refused_comes_back_once_however_often_it_is_re_driven(
    stack: Stack, park: Park
) -> None:
    name = "BACK-1"
    kiosk = await park.terminal(name)
    kiosk.epoch = EPOCH
    entry = refused_payment(name, 2)
    write(stack.describe()["kafka"], entry)
    await kiosk.report(kiosk.heartbeat(), queued=2)
    before = await until_counts(park, name, received=2, applied=1, quarantined=1)
    heard = await until_shows(park, name, "queued")
    assert heard["queued"] == 2

    code, said = kmonitor(stack, "redrive", "--terminal", name, "--dry-run")
    assert (code, "would be re-driven: payment.accepted.v1 2" in said) == (0, True), said
    assert await completeness(park, name) == before

    # Twice at once, as two administrators might; then again when it has shown.
    for _ in range(2):
        sent = await redrive(park, entry.identity)
        assert sent.status_code == 202
    await until_counts(park, name, received=2, applied=2, duplicate=0, quarantined=0)
    await until(lambda: credited(park, name))
    paid = await until_shows(park, name, "last_payment_at")
    assert {each: paid[each] for each in SPOKEN} == {each: heard[each] for each in SPOKEN}
    code, said = kmonitor(stack, "redrive", "--identity", entry.identity)
    assert (code, "nothing to do" in said) == (0, True), said
    assert (await redrive(park, entry.identity)).status_code == 202
    await kiosk.report(kiosk.event("terminal.heartbeat.v1", seq=3), queued=2)
    await until_counts(park, name, received=3, applied=3, duplicate=0, quarantined=0)
    assert await credited(park, name) == 48_500
    full = await park.get(f"/v1/quarantine/{entry.identity}")
    assert full["redriven"]["by"] == "admin"

    code, said = kmonitor(stack, "list", "--terminal", name)
    assert (code, entry.identity in said) == (0, True)
    code, said = kmonitor(stack, "show", entry.identity)
    assert (code, "mobile.beeline" in said, "by admin" in said) == (0, True, True)


async def redrive(park: Park, identity: str) -> httpx.Response:
    entry = await park.get(f"/v1/quarantine/{identity}")
    async with httpx.AsyncClient(
        base_url=park.gateway, headers={"Authorization": f"Bearer {park.token}"}
    ) as gateway:
        return await gateway.post(
            "/v1/redrives", json={"identity": identity, "offset": entry["offset"]}, timeout=10
        )


async def test_what_still_cannot_be_read_stays_and_the_command_says_why(stack: Stack, park: Park) -> None:
    kiosk = await park.terminal("BACK-2")
    await kiosk.post(kiosk.heartbeat(), kiosk.event("coffee.brewed.v1", strength=9))

    async def kept() -> list[str]:
        items = (await park.get("/v1/quarantine", terminal="BACK-2"))["items"]
        return [item["identity"] for item in items]

    (identity,) = await until(kept)
    for more in (("--dry-run",), ()):
        code, said = kmonitor(stack, "redrive", "--identity", identity, *more)
        assert (code, "still cannot be read: unknown_type" in said) == (1, True), said
    assert kmonitor(stack, "show", "no-such-entry")[0] == 1
    assert kmonitor(stack, "list", "--token", "wrong")[0] == 2


async def test_a_contradiction_cannot_come_back_and_the_command_says_what_counts(
    stack: Stack, park: Park
) -> None:
    kiosk = await park.terminal("BACK-3")
    said: dict[str, Any] = {"service": "s", "recipient": "r", "method": "cash", "currency": "RUB"}
    first = kiosk.event("payment.accepted.v1", **said, payment_id="p", inserted_minor=700, credited_minor=700)
    await kiosk.report(first)
    await kiosk.report(first | {"credited_minor": 600, "fee_minor": 100})

    async def kept() -> list[str]:
        return [item["reason"] for item in (await park.get("/v1/quarantine", terminal="BACK-3"))["items"]]

    assert await until(kept) == ["identity_conflict"]
    code, told = kmonitor(stack, "redrive", "--terminal", "BACK-3")
    assert (code, "is taken" in told, '"credited_minor": 700' in told) == (1, True, True), told


async def test_a_gap_written_off_is_missing_no_longer_until_it_comes_all_the_same(park: Park) -> None:
    name = "GAP-1"
    kiosk = await park.terminal(name)
    kiosk.epoch = EPOCH
    await kiosk.report(kiosk.event("terminal.heartbeat.v1", seq=1))
    await kiosk.report(kiosk.event("terminal.heartbeat.v1", seq=5))
    held = await until_counts(park, name, received=2)
    assert held["missing"] == [{"from_seq": 2, "to_seq": 4}]
    gap = {"terminal": name, "epoch": EPOCH, "from_seq": 2, "to_seq": 4, "reason": "the disk was replaced"}
    done = await park.operate({"type": "gap.written_off.v1", **gap}, "gap-1")
    one = await park.get(f"/v1/terminals/{name}/completeness", after=done["operation_id"])
    (epoch,) = one["epochs"]
    assert (epoch["missing"], epoch["missing_events"]) == ([], 0)
    (off,) = epoch["written_off"]
    assert (off["from_seq"], off["to_seq"], off["reason"], off["author"]) == (
        2,
        4,
        "the disk was replaced",
        "admin",
    )
    network = await park.get("/v1/completeness", after=done["operation_id"], limit=1000)
    assert [gap for gap in network["missing"] if gap["terminal"] == name] == []
    await kiosk.report(kiosk.event("terminal.heartbeat.v1", seq=3))
    came = await until_counts(park, name, received=3, applied=3)
    assert [(each["from_seq"], each["to_seq"]) for each in came["written_off"]] == [(2, 2), (4, 4)]
