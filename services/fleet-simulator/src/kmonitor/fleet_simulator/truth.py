"""What must be true of a ledger, told from its lines alone: money, cash, units, numbers, and the troubles."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import msgspec

from kmonitor.fleet_simulator.boxes import Collected, Identity, Move, movement, tell_boxes
from kmonitor.fleet_simulator.expectations import Expectations
from kmonitor.fleet_simulator.ledger import Began, ClockRan, Expected, Over, Said, Taken, lines

FILE = "truth.json"
ACCEPTED, CANCELLED, REFUNDED = "payment.accepted.v1", "payment.cancelled.v1", "payment.refunded.v1"
DEVICE, PROCEDURE = "device.reported.v1", "procedure.performed.v1"
TOLD_BY = frozenset({ACCEPTED, CANCELLED, REFUNDED, DEVICE, PROCEDURE})
"""The types that are kept whole for what is told here; of the others only numbers and movements of cash are."""
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


class _Facts:
    """What the lines of a ledger add up to, told in their order."""

    def __init__(self) -> None:
        self.said: dict[Identity, int] = {}
        """What was said under an identity first: its fingerprint."""
        self.telling: dict[Identity, dict[str, Any]] = {}
        self.movements: dict[Identity, Move | Collected] = {}
        self.conflicts: dict[Identity, None] = {}
        self.taken: set[Identity] = set()
        self.rejected: set[Identity] = set()
        self.zones: dict[str, ZoneInfo] = {}
        self.wrong: dict[Identity, float] = {}
        """How far the clock was off, of telling events that were not believed."""
        self.expectations = Expectations()
        self._skews: dict[str, float] = {}
        self._moves: dict[Move, Move] = {}

    def add(self, line: Said | Taken | Began | ClockRan | Expected | Over) -> None:
        match line:
            case Said():
                self._add_said(line)
            case Taken():
                name, epoch = line.terminal, line.epoch
                self.taken.update((name, epoch, seq) for seq in range(line.first, line.last + 1))
                self.rejected.update((name, epoch, seq) for seq in line.rejected)
                self.expectations.taken(line)
            case Began():
                self.zones |= {name: ZoneInfo(zone) for name, zone in line.zones.items()}
                self._skews |= line.skews
                self.expectations.began(line)
            case ClockRan():
                self._skews[line.terminal] = line.skew_s
            case Expected():
                self.expectations.expected(line)
            case Over():
                self.expectations.over(line)
            case _:
                assert_never(line)

    def _add_said(self, line: Said) -> None:
        event = msgspec.json.decode(line.event)
        name, seq = line.terminal, event["seq"]
        identity = name, line.epoch, seq
        skew_s = self._skews.get(name, 0.0)
        if self.expectations.concerns(name):
            moment = datetime.fromisoformat(event["at"]) - timedelta(seconds=skew_s)
            self.expectations.said(name, (line.epoch, seq), moment)
        fingerprint = hash(bytes(line.event))
        if self.said.setdefault(identity, fingerprint) != fingerprint:
            # The first in the log is the fact.
            self.conflicts[identity] = None
            return
        if event["type"] in TOLD_BY:
            self.telling[identity] = event
            if abs(skew_s) > BELIEVED_SKEW_S:
                self.wrong[identity] = skew_s
        elif (move := movement(event)) is not None:
            # Few kinds of movements, many of each: one value stands for all of a kind.
            self.movements[identity] = self._moves.setdefault(move, move) if isinstance(move, Move) else move


def read(folder: Path) -> dict[str, Any]:
    """The truth of the ledger in this folder.

    Counted is what was taken (202); what was said and never answered stands under `unanswered`: it may
    have been taken or not. Of an identity with two contents the first counts. The hour of an event of a
    wrong clock is told from the true time, so within seconds of an hour's end it may be booked one hour
    later.
    """
    facts = _Facts()
    for line in lines(folder):
        facts.add(line)
    counted = facts.taken - facts.rejected
    events = {identity: facts.telling[identity] for identity in sorted(counted & facts.telling.keys())}
    moved = {identity: move for identity, move in facts.movements.items() if identity in counted}
    conflicts = sorted(facts.conflicts)
    return {
        "events": len(counted),
        "rejected": sorted(facts.rejected),
        "conflicts": [list(each) for each in conflicts],
        "unanswered": [list(each) for each in _spans(facts.said.keys() - facts.taken)],
        "sent": [list(each) for each in _spans(facts.taken)],
        "money": _money(events, facts),
        **tell_boxes(moved),
        "units": _units(events),
        "procedures": _procedures(events),
        "expected": facts.expectations.told(conflicts),
    }


def write(folder: Path) -> Path:
    """Write the truth beside its ledger."""
    file = folder / FILE
    file.write_bytes(msgspec.json.format(msgspec.json.encode(read(folder))) + b"\n")
    return file


def _money(events: dict[Identity, dict[str, Any]], facts: _Facts) -> list[dict[str, Any]]:
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
    for identity, event in events.items():
        name = identity[0]
        if event["type"] not in (ACCEPTED, REFUNDED):
            continue
        payment = accepted.get((name, event["payment_id"]))
        if payment is None or payment.get("test") or (name, event["payment_id"]) in cancelled:
            continue
        happened = datetime.fromisoformat(event["at"]) - timedelta(seconds=facts.wrong.get(identity, 0))
        hour = happened.astimezone(facts.zones[name]).strftime("%Y-%m-%dT%H")
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


def _procedures(events: dict[Identity, dict[str, Any]]) -> list[dict[str, Any]]:
    """Every regulated procedure that was performed, done or failed."""
    return [
        {
            "terminal": identity[0],
            "procedure": event["procedure"],
            "at": event["at"],
            "by": event.get("by"),
            "result": event["result"],
            "identity": list(identity),
        }
        for identity, event in events.items()
        if event["type"] == PROCEDURE
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
