"""What must last before it is raised, and be gone before it is cleared: measured in tick time."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.faults.fault import Fault, Pending, TerminalFaults


class Now(Struct, frozen=True):
    """The log's time of a record, and the tick time that had passed in its partition, in ms."""

    at: datetime
    passed_ms: int


class Looked(Struct, frozen=True):
    """What a look at the units changes: at once, and later."""

    raised: list[Fault]
    cleared: list[Fault]
    pending: dict[str, Pending]
    clearing: dict[str, int]


def looked_at(faults: TerminalFaults, found: dict[str, Fault], gone: list[Fault], now: Now) -> Looked:
    """`found`: what the units say now, by key. `gone`: open faults that they say no longer.

    What waited already goes on waiting from when it began; what is found again is cleared no more.
    """
    raised: list[Fault] = []
    pending: dict[str, Pending] = {}
    for key, fault in found.items():
        if key in faults.open:
            continue
        if fault.raise_after_s == 0:
            raised.append(fault)
        else:
            due_ms = now.passed_ms + 1000 * fault.raise_after_s
            pending[key] = faults.pending.get(key) or Pending(due_ms, fault)
    cleared: list[Fault] = []
    clearing: dict[str, int] = {}
    for fault in gone:
        if fault.clear_after_s == 0:
            cleared.append(fault)
        else:
            due_ms = now.passed_ms + 1000 * fault.clear_after_s
            clearing[fault.key] = faults.clearing.get(fault.key, due_ms)
    return Looked(raised, cleared, pending, clearing)


def ripe(faults: TerminalFaults, now: Now) -> tuple[list[Fault], list[Fault]]:
    """What has lasted long enough to be raised, and what has been gone long enough to be cleared."""
    raised = [
        replace(each.fault, raised_at=now.at)
        for each in faults.pending.values()
        if each.due_ms <= now.passed_ms
    ]
    cleared = [faults.open[key] for key, due_ms in faults.clearing.items() if due_ms <= now.passed_ms]
    return raised, cleared
