"""What must be true of the events that were taken, told anew from protocol.md: imports nothing of KMonitor.

An entry of the ledger is one event with its identity. Each identity and each payment stands in it once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

SUMS = ("inserted_minor", "credited_minor", "fee_minor")
# Domain, section 3: what the codes mean that the sender uses.
CCNET = {"13": "ok", "14": "ok", "41": "stacker_full", "42": "stacker_removed", "43": "jammed"}
ESCPOS = {"00": "ok", "08": "jammed", "0C": "paper_near_end", "60": "paper_out"}
MEANING = {"ccnet": CCNET, "escpos": ESCPOS}


@dataclass(frozen=True)
class Entry:
    terminal: str
    epoch: int
    event: dict[str, Any]


@dataclass
class Ledger:
    """All that the gateway took, by its own word; `zones` are the terminals with their time zones."""

    zones: dict[str, str]
    entries: list[Entry] = field(default_factory=list)
    reports: int = 0
    copies: int = 0
    retries: int = 0


Money = dict[tuple[str, str, str, str], Counter[str]]
"""By terminal, service, local hour and currency."""


def revenue(ledger: Ledger) -> Money:
    """Accepted payments that were not cancelled, tests outside; refunds in the hour of the refund."""
    kinds: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        kinds[entry.event["type"]].append(entry)
    void = {_payment(entry) for entry in kinds["payment.cancelled.v1"]}
    accepted = {_payment(e): e for e in kinds["payment.accepted.v1"] if not e.event.get("test")}
    money: Money = defaultdict(Counter)
    for payment, entry in accepted.items():
        if payment not in void:
            bucket = money[_bucket(ledger, entry, entry.event)]
            bucket["payments"] += 1
            bucket.update({name: entry.event[name] for name in SUMS})
    for entry in kinds["payment.refunded.v1"]:
        if (payment := _payment(entry)) in accepted and payment not in void:
            bucket = money[_bucket(ledger, entry, accepted[payment].event)]
            bucket["refunded_minor"] += entry.event["credited_minor"] + entry.event["fee_minor"]
    return money


def conditions(entries: Iterable[Entry]) -> dict[tuple[str, str, str], str]:
    """By terminal, device and unit: what it said last in the terminal's own order."""
    last: dict[tuple[str, str, str], tuple[tuple[int, int], str]] = {}
    for entry in entries:
        event = entry.event
        if event["type"] == "device.reported.v1":
            unit, place = (entry.terminal, event["device"], event["unit"]), (entry.epoch, event["seq"])
            said = event.get("condition") or MEANING[event["protocol"]][event["code"]]
            if unit not in last or place > last[unit][0]:
                last[unit] = (place, said)
    return {unit: condition for unit, (_, condition) in last.items()}


def cash(entries: Iterable[Entry]) -> Counter[tuple[str, str, str, int]]:
    """Notes by terminal, unit, currency and denomination."""
    notes: Counter[tuple[str, str, str, int]] = Counter()
    for entry in entries:
        if entry.event["type"] == "note.stacked.v1":
            event = entry.event
            notes[entry.terminal, event["unit"], event["currency"], event["denomination_minor"]] += 1
    return notes


def missing(entries: Iterable[Entry]) -> set[tuple[str, int, int]]:
    """Terminal, epoch and number of every event below the highest one that was taken, itself not taken."""
    taken: dict[tuple[str, int], set[int]] = defaultdict(set)
    for entry in entries:
        taken[entry.terminal, entry.epoch].add(entry.event["seq"])
    return {(*key, seq) for key, seqs in taken.items() for seq in range(1, max(seqs)) if seq not in seqs}


def _payment(entry: Entry) -> tuple[str, str]:
    return entry.terminal, entry.event["payment_id"]


def _bucket(ledger: Ledger, entry: Entry, payment: dict[str, Any]) -> tuple[str, str, str, str]:
    local = datetime.fromisoformat(entry.event["at"]).astimezone(ZoneInfo(ledger.zones[entry.terminal]))
    return entry.terminal, payment["service"], local.strftime("%Y-%m-%dT%H"), payment["currency"]
