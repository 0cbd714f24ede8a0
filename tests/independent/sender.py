"""An independent sender, written from protocol.md alone: imports nothing of KMonitor.

terminals = await register(gateway, admin_token, 20, seed=7)
ledger = await send(gateway, terminals, make_events(terminals, 5000, seed=7), seed=7)
assert await until_equal(query_api, admin_token, ledger) == []      # compare.py
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import httpx
from independent.ledger import Entry, Ledger

ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok", "Asia/Kolkata")
SERVICES = (("mobile.mts", "mts"), ("mobile.beeline", "beeline"), ("utilities.gas", "gas"), ("games.x", "x"))
NOTES = (5_000, 10_000, 50_000, 100_000, 500_000)
WORDS = (
    {"device": "bill_acceptor", "unit": "validator-1", "protocol": "ccnet"},
    {"device": "receipt_printer", "unit": "printer-1", "protocol": "escpos"},
)
CODES = {"ccnet": ("14", "13", "41", "42", "43"), "escpos": ("00", "08", "0C", "60")}
NOT_NOW = {408, 429, 500, 502, 503, 504}


class Unexpected(Exception):
    """The gateway answered what the protocol does not let it answer here."""


@dataclass(frozen=True)
class Terminal:
    name: str
    zone: str
    key: str


Event = dict[str, Any]
Report = tuple[Terminal, int, list[Event]]
"""Whose, of which epoch, and what."""


async def register(
    gateway: str, token: str, count: int, seed: int, *, prefix: str = "IND", report_interval_s: int = 60
) -> list[Terminal]:
    """Register terminals `<prefix>-<seed>-<number>` and have a key issued for each."""

    async def one(client: httpx.AsyncClient, number: int) -> Terminal:
        name, zone = f"{prefix}-{seed}-{number:03d}", ZONES[number % len(ZONES)]
        described = {"name": name, "timezone": zone, "currency": "RUB", "report_interval_s": report_interval_s}
        await _operate(client, {"type": "terminal.registered.v1", "terminal": name, **described}, f"r-{name}")
        issued = await _operate(client, {"type": "terminal_key.issued.v1", "terminal": name}, f"k-{name}")
        return Terminal(name, zone, issued["key"])

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=gateway, headers=headers, timeout=10) as client:
        return list(await asyncio.gather(*(one(client, number) for number in range(count))))


def make_events(
    terminals: list[Terminal], count: int, seed: int, *, hours: float = 30, per_report: int = 20
) -> list[Report]:
    """About `count` events of the last `hours`, each terminal's in its own order, cut into reports.

    Every other terminal was reinstalled halfway: a second epoch that begins at 1 again.
    """
    rng = Random(f"{seed}/events")
    end = datetime.now(UTC) - timedelta(seconds=5)
    reports: list[Report] = []
    for number, terminal in enumerate(terminals):
        wanted = count // len(terminals)
        events = _life(rng, terminal, wanted, end - timedelta(hours=hours), timedelta(hours=hours) / wanted)
        half = len(events) // 2 if number % 2 else len(events)
        for epoch, part in ((1_700_000_000, events[:half]), (1_700_000_777, events[half:])):
            numbered = [event | {"seq": seq} for seq, event in enumerate(part, 1)]
            while numbered:
                size = rng.randint(1, per_report)
                reports.append((terminal, epoch, numbered[:size]))
                numbered = numbered[size:]
    return reports


async def send(
    gateway: str,
    reports: list[Report],
    seed: int,
    *,
    repeat: float = 0.3,
    at_a_time: int = 16,
    pause_s: float = 0.0,
    patience_s: float = 300.0,
    stop_when: Callable[[Ledger], bool] = lambda ledger: False,
    on_taken: Callable[[Ledger], None] = lambda ledger: None,
) -> Ledger:
    """Send the reports in a shuffled order, each until its 202; the ledger holds all that got one.

    `repeat` of them are sent three times, half of those at the same moment; `pause_s` slows each sender
    down. Once `stop_when` says so no other report is begun; those begun are sent until they are taken.
    Raises Unexpected for an answer that the protocol does not allow, or when patience ends.
    """
    rng = Random(f"{seed}/order")
    todo = list(reports)
    rng.shuffle(todo)
    ledger = Ledger({terminal.name: terminal.zone for terminal, _, _ in reports})

    async def work(client: httpx.AsyncClient) -> None:
        while todo and not stop_when(ledger):
            report = todo.pop()
            copies = 3 if rng.random() < repeat else 1
            attempts = [_until_taken(client, report, ledger, patience_s) for _ in range(copies)]
            if rng.random() < 0.5:
                await asyncio.gather(*attempts)
            else:
                for attempt in attempts:
                    await attempt
            terminal, epoch, events = report
            ledger.entries.extend(Entry(terminal.name, epoch, event) for event in events)
            ledger.reports += 1
            ledger.copies += copies - 1
            on_taken(ledger)
            await asyncio.sleep(pause_s)

    limits = httpx.Limits(max_connections=3 * at_a_time)
    async with (
        httpx.AsyncClient(base_url=gateway, timeout=10, limits=limits) as client,
        asyncio.TaskGroup() as all_,
    ):
        for _ in range(at_a_time):
            all_.create_task(work(client))
    return ledger


async def _until_taken(client: httpx.AsyncClient, report: Report, ledger: Ledger, patience_s: float) -> None:
    terminal, epoch, events = report
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while loop.time() < deadline:
        body = {
            "terminal": terminal.name,
            "epoch": epoch,
            "sent_at": datetime.now(UTC).isoformat(),
            "queued": 0,
        }
        try:
            answer = await client.post(
                "/v1/reports",
                json=body | {"events": events},
                headers={"Authorization": f"Bearer {terminal.key}"},
            )
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 202:
            said = answer.json()
            if said["rejected"] or said["accepted"] != len(events):
                raise Unexpected(f"{terminal.name}: {said}")
            return
        if answer is not None and answer.status_code not in NOT_NOW:
            raise Unexpected(f"{terminal.name}: {answer.status_code} {answer.text[:300]}")
        ledger.retries += 1
        await asyncio.sleep(0.25)
    raise Unexpected(f"{terminal.name}: no 202 within {patience_s:.0f} s")


async def _operate(client: httpx.AsyncClient, body: dict[str, Any], key: str) -> dict[str, Any]:
    for _ in range(120):
        answer = await client.post("/v1/operations", json=body, headers={"Idempotency-Key": key})
        if answer.status_code == 202:
            return dict(answer.json())
        if answer.status_code not in NOT_NOW:
            raise Unexpected(f"{body['type']}: {answer.status_code} {answer.text[:300]}")
        await asyncio.sleep(0.25)
    raise Unexpected(f"{body['type']}: not recorded within half a minute")


def _life(rng: Random, terminal: Terminal, count: int, begin: datetime, step: timedelta) -> list[Event]:
    """Events without their numbers; what follows a payment comes with it, so there are a few more."""
    events: list[Event] = []
    payments = 0
    while len(events) < count:
        at = _spelled(rng, begin + step * len(events))
        kind = rng.random()
        if kind < 0.15:
            word = rng.choice(WORDS)
            code = rng.choice(CODES[word["protocol"]])
            events.append({"type": "device.reported.v1", "at": at, **word, "code": code})
        elif kind < 0.25:
            events.append({"type": "terminal.heartbeat.v1", "at": at, "uptime_s": len(events)})
        elif kind < 0.28:
            events.append(_note(at, rng.choice(NOTES), None))
        else:
            payments += 1
            events += _payment(rng, at, f"{terminal.name}/{payments}", begin + step * (len(events) + 1))
    return events


def _payment(rng: Random, at: str, payment_id: str, later: datetime) -> list[Event]:
    service, recipient = rng.choice(SERVICES)
    notes = [rng.choice(NOTES) for _ in range(rng.randint(1, 3))]
    fee, change = rng.randint(0, 2_500), rng.choice((0, 0, rng.randint(0, 2_400)))
    sums = {"inserted_minor": sum(notes), "credited_minor": sum(notes) - fee - change}
    fact = {"payment_id": payment_id, "service": service, "recipient": recipient, "currency": "RUB"}
    rest = {"fee_minor": fee, "change_minor": change, "test": rng.random() < 0.03}
    accepted = {"type": "payment.accepted.v1", "at": at, "method": "cash", **fact, **sums, **rest}
    end: Event = {"type": "payment.completed.v1", "at": _spelled(rng, later), "payment_id": payment_id}
    fate = rng.random()
    if fate < 0.06:
        end["type"] = "payment.cancelled.v1"
    elif fate < 0.12 and not rest["test"]:
        end |= {"type": "payment.refunded.v1", "refund_id": f"{payment_id}/r", "currency": "RUB"}
        end |= {"credited_minor": sums["credited_minor"] // 2, "fee_minor": 0}
    return [*(_note(at, note, payment_id) for note in notes), accepted, end]


def _note(at: str, denomination: int, payment_id: str | None) -> Event:
    note = {"unit": "validator-1", "currency": "RUB", "denomination_minor": denomination}
    return {"type": "note.stacked.v1", "at": at, "payment_id": payment_id, **note}


def _spelled(rng: Random, moment: datetime) -> str:
    """Any offset is a right one: the day and the hour are those of the terminal's registered zone."""
    return moment.astimezone(timezone(timedelta(hours=rng.choice((0, 3, 10, -5))))).isoformat()
