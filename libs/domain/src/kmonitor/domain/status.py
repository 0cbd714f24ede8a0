"""A terminal's one status: the first that applies, with the reason and since when (domain, section 2)."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from msgspec import Struct

from kmonitor.domain.faults import Fault
from kmonitor.domain.terminal import TerminalState

Status = Literal["new", "off", "silent", "stopped", "degraded", "working"]


class StatusSince(Struct, frozen=True):
    """`reason` is None only while it works; `since` is None only for a terminal never heard."""

    status: Status
    reason: str | None
    since: datetime | None


def status(
    state: TerminalState | None, faults: Collection[Fault], quiet_since: datetime | None = None
) -> StatusSince:
    """The status of a terminal from its state and its open faults.

    `quiet_since`: when its last fault was cleared, for the moment since which it works.
    """
    if state is None or state.first_received_at is None:
        return StatusSince("new", "never heard", None)
    if state.is_off:
        return StatusSince("off", state.stop.reason, state.stop.since)
    if silent := [fault for fault in faults if fault.rule == "silence"]:
        return _because_of("silent", silent)
    if state.lock.locked:
        return StatusSince("stopped", state.lock.reason or "locked", state.lock.since)
    if stopping := [fault for fault in faults if fault.effect == "stops"]:
        return _because_of("stopped", stopping)
    if degrading := [fault for fault in faults if fault.effect == "degrades"]:
        return _because_of("degraded", degrading)
    return StatusSince("working", None, max(filter(None, (quiet_since, state.first_received_at))))


def _because_of(status: Status, faults: list[Fault]) -> StatusSince:
    first = min(faults, key=lambda fault: (fault.raised_at, fault.fault_id))
    where = "/".join(filter(None, (first.device, first.unit)))
    return StatusSince(status, f"{where} {first.condition}".strip(), first.raised_at)
