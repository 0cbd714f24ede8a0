"""Compares what the readers' API answers with an independent ledger: imports nothing of KMonitor."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from independent.ledger import Ledger, Money, cash, conditions, missing, revenue

FIELDS = ("payments", "inserted_minor", "credited_minor", "fee_minor", "refunded_minor")


async def until_equal(
    query_api: str,
    token: str,
    ledger: Ledger,
    *,
    alone: bool = True,
    patience_s: float = 60.0,
    on_try: Callable[[list[str]], None] = lambda differences: None,
) -> list[str]:
    """Ask again until nothing differs; when patience ends, the differences of the last try."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            found = await differences(query_api, token, ledger, alone=alone)
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            found = [f"the query API does not answer: {error!r}"]
        on_try(found)
        if not found or loop.time() > deadline:
            return found
        await asyncio.sleep(0.5)


async def differences(query_api: str, token: str, ledger: Ledger, *, alone: bool = True) -> list[str]:
    """Everything in which revenue, states and completeness differ from the ledger, a sentence each.

    `alone`: nobody else sends to this stack, so that the counts of /v1/completeness are the ledger's.
    """
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=query_api, headers=headers, timeout=30) as client:
        return [
            *await _money_differs(client, ledger),
            *await _states_differ(client, ledger),
            *await _completeness_differs(client, ledger, alone),
        ]


async def _money_differs(client: httpx.AsyncClient, ledger: Ledger) -> list[str]:
    shown: Money = {}
    times = [datetime.fromisoformat(entry.event["at"]).astimezone(UTC) for entry in ledger.entries]
    period = {
        "from": _instant(min(times) - timedelta(hours=2)),
        "to": _instant(max(times) + timedelta(hours=2)),
    }
    found = []
    async for row in _items(client, "/v1/revenue", period | {"group_by": "terminal,service,hour"}):
        if row["terminal"] in ledger.zones:
            key = row["terminal"], row["service"], row["hour"], row["currency"]
            if key in shown:
                found.append(f"revenue {key} is shown twice")
            shown[key] = Counter({name: row[name] for name in FIELDS})
    told = revenue(ledger)
    for key in sorted(told.keys() | shown.keys(), key=str):  # the service of a payment not seen yet is None
        for name in FIELDS:
            right, wrong = told.get(key, Counter())[name], shown.get(key, Counter())[name]
            if right != wrong:
                found.append(f"revenue {key} {name}: {wrong}, not {right}")
    return found


async def _states_differ(client: httpx.AsyncClient, ledger: Ledger) -> list[str]:
    units = conditions(ledger.entries)
    notes = cash(ledger.entries)
    found = []
    for name in sorted({entry.terminal for entry in ledger.entries}):
        state = (await client.get(f"/v1/terminals/{name}")).raise_for_status().json()
        shown = {(name, each["device"], each["unit"]): each["condition"] for each in state["devices"]}
        told = {unit: condition for unit, condition in units.items() if unit[0] == name}
        if shown != told:
            found.append(f"{name} units: {shown}, not {told}")
        box = {
            (name, each["unit"], each["currency"], each["denomination_minor"]): each["count"]
            for each in state["cash"]
        }
        counted = {key: count for key, count in notes.items() if key[0] == name}
        if box != counted:
            found.append(f"{name} cash: {box}, not {counted}")
    return found


async def _completeness_differs(client: httpx.AsyncClient, ledger: Ledger, alone: bool) -> list[str]:
    shown = (await client.get("/v1/completeness")).raise_for_status().json()
    found = []
    received, parts = shown["received"], [shown[name] for name in ("applied", "duplicate", "quarantined")]
    if received != sum(parts):
        found.append(f"completeness: received {received} is not applied + duplicate + quarantined {parts}")
    if alone and shown["applied"] != len(ledger.entries):
        found.append(f"completeness: applied {shown['applied']}, not {len(ledger.entries)}")
    gaps = {
        (each["terminal"], each["epoch"], seq)
        for each in shown["missing"]
        if each["terminal"] in ledger.zones
        for seq in range(each["from_seq"], each["to_seq"] + 1)
    }
    if gaps != (told := missing(ledger.entries)):
        found.append(f"completeness: missing {sorted(gaps)[:20]}, not {sorted(told)[:20]}")
    return found


async def _items(client: httpx.AsyncClient, path: str, parameters: dict[str, str]) -> Any:
    """All items of a list, page by page."""
    page = parameters | {"limit": "1000"}
    while True:
        answer = (await client.get(path, params=page)).raise_for_status().json()
        for item in answer["items"]:
            yield item
        if not answer.get("next"):
            return
        page = parameters | {"limit": "1000", "cursor": answer["next"]}


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
