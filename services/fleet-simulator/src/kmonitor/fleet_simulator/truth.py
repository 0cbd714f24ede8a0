"""What must be true of a ledger: money, conditions of units and sequence numbers, told from its lines alone."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kmonitor.fleet_simulator.ledger import Began, Said, Taken, lines

FILE = "truth.json"
ACCEPTED, CANCELLED, REFUNDED = "payment.accepted.v1", "payment.cancelled.v1", "payment.refunded.v1"
DEVICE = "device.reported.v1"
TOLD_BY = frozenset({ACCEPTED, CANCELLED, REFUNDED, DEVICE})
"""The types that tell something here; of the others only their numbers are kept in memory."""
MONEY = ("payments", "inserted_minor", "credited_minor", "fee_minor", "refunded_minor")
BELIEVED_SKEW_S = 300.0
"""Beyond it the gateway counts event time back from when it received (protocol, section 1)."""
CONDITIONS = {
    ("ccnet", "13"): "ok",
    ("ccnet", "14"): "ok",
    ("ccnet", "41"): "stacker_full",
    ("ccnet", "42"): "stacker_removed",
    ("ccnet", "43"): "jammed",
    ("ccnet", "46"): "paused",
    ("ccnet", "47:51"): "motor_failed",
    ("escpos", "00"): "ok",
    ("escpos", "04"): "cover_open",
    ("escpos", "08"): "jammed",
    ("escpos", "0C"): "paper_near_end",
    ("escpos", "20"): "failed",
    ("escpos", "60"): "paper_out",
}
"""What the codes that a kiosk of this park can say mean (domain, section 3)."""

Identity = tuple[str, int, int]


def read(folder: Path) -> dict[str, Any]:
    """The truth of the ledger in this folder.

    Counted is what was taken (202); what was said and never answered stands under `unanswered`: it may
    have been taken or not. The hour of an event of a wrong clock is told from the true time, so within
    seconds of an hour's end it may be booked one hour later.
    """
    said: set[Identity] = set()
    telling: dict[Identity, dict[str, Any]] = {}
    taken: set[Identity] = set()
    rejected: set[Identity] = set()
    zones: dict[str, ZoneInfo] = {}
    wrong_clocks: dict[str, float] = {}
    for line in lines(folder):
        match line:
            case Said():
                event = msgspec.json.decode(line.event)
                identity = line.terminal, line.epoch, event["seq"]
                said.add(identity)
                if event["type"] in TOLD_BY:
                    telling[identity] = event
            case Taken():
                name, epoch = line.terminal, line.epoch
                taken.update((name, epoch, seq) for seq in range(line.first, line.last + 1))
                rejected.update((name, epoch, seq) for seq in line.rejected)
            case Began():
                zones |= {name: ZoneInfo(zone) for name, zone in line.zones.items()}
                wrong_clocks |= {n: s for n, s in line.skews.items() if abs(s) > BELIEVED_SKEW_S}
    counted = taken - rejected
    events = {identity: telling[identity] for identity in sorted(counted & telling.keys())}
    return {
        "events": len(counted),
        "rejected": sorted(rejected),
        "unanswered": [list(each) for each in _spans(said - taken)],
        "sent": [list(each) for each in _spans(taken)],
        "money": _money(events, zones, wrong_clocks),
        "units": _units(events),
    }


def write(folder: Path) -> Path:
    """Write the truth beside its ledger."""
    file = folder / FILE
    file.write_bytes(msgspec.json.format(msgspec.json.encode(read(folder))) + b"\n")
    return file


def _money(
    events: dict[Identity, dict[str, Any]], zones: dict[str, ZoneInfo], wrong_clocks: dict[str, float]
) -> list[dict[str, Any]]:
    """By terminal, service, local hour and currency: accepted, not cancelled, tests outside; refunds in
    the hour of the refund."""
    accepted = {
        (name, event["payment_id"]): event
        for (name, _, _), event in events.items()
        if event["type"] == ACCEPTED
    }
    cancelled = {
        (name, event["payment_id"]) for (name, _, _), event in events.items() if event["type"] == CANCELLED
    }
    totals: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(MONEY, 0))
    for (name, _, _), event in events.items():
        if event["type"] not in (ACCEPTED, REFUNDED):
            continue
        payment = accepted.get((name, event["payment_id"]))
        if payment is None or payment.get("test") or (name, event["payment_id"]) in cancelled:
            continue
        happened = datetime.fromisoformat(event["at"]) - timedelta(seconds=wrong_clocks.get(name, 0))
        hour = happened.astimezone(zones[name]).strftime("%Y-%m-%dT%H")
        total = totals[name, payment["service"], hour, event["currency"]]
        if event is payment:
            total["payments"] += 1
            for field in ("inserted_minor", "credited_minor", "fee_minor"):
                total[field] += event[field]
        else:
            total["refunded_minor"] += event["credited_minor"] + event["fee_minor"]
    keys = ("terminal", "service", "hour", "currency")
    return [dict(zip(keys, key, strict=True)) | total for key, total in sorted(totals.items())]


def _units(events: dict[Identity, dict[str, Any]]) -> list[dict[str, str]]:
    """The last condition of each unit in its terminal's own order."""
    last: dict[tuple[str, str, str], str] = {}
    for (name, _, _), event in events.items():
        if event["type"] == DEVICE:
            condition = event.get("condition") or CONDITIONS[event["protocol"], event["code"]]
            last[name, event["device"], event["unit"]] = condition
    return [
        {"terminal": name, "device": device, "unit": unit, "condition": condition}
        for (name, device, unit), condition in sorted(last.items())
    ]


def _spans(identities: Iterable[Identity]) -> list[tuple[str, int, int, int]]:
    """Terminal, epoch, first and last sequence number of each run without a gap."""
    spans: list[tuple[str, int, int, int]] = []
    for name, epoch, seq in sorted(identities):
        if spans and spans[-1][:2] == (name, epoch) and spans[-1][3] == seq - 1:
            spans[-1] = (name, epoch, spans[-1][2], seq)
        else:
            spans.append((name, epoch, seq, seq))
    return spans
