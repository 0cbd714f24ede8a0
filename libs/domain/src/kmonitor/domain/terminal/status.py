"""A terminal's one status: the first that applies, with the reason and since when (domain, section 2)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.faults.presence import SILENT_AFTER_INTERVALS
from kmonitor.domain.terminal.standing import NOTHING_SAID, Standing
from kmonitor.domain.terminal.state import TerminalState

Status = Literal["retired", "new", "maintenance", "off", "silent", "stopped", "degraded", "working"]


class StatusSince(Struct, frozen=True):
    """`reason` is None only while it works; `since` is None only for a terminal never heard."""

    status: Status
    reason: str | None
    since: datetime | None


class OpenFaults(Struct, frozen=True):
    """A terminal's open faults, and when its last one was cleared: the moment since which it works."""

    faults: tuple[Fault, ...] = ()
    quiet_since: datetime | None = None


NO_FAULTS = OpenFaults()


def status(
    state: TerminalState | None,
    open_faults: OpenFaults,
    standing: Standing = NOTHING_SAID,
    quiet_at: datetime | None = None,
) -> StatusSince:
    """The status of a terminal from its state, its open faults and how the office has it stand.

    `quiet_at`: since when nothing has been heard for so long that a closed terminal counts as off.
    """
    faults = open_faults.faults
    if standing.retired_since is not None:
        return StatusSince("retired", "retired by the office", standing.retired_since)
    if state is None or state.first_received_at is None:
        return StatusSince("new", "never heard", None)
    if standing.maintained_since is not None:
        return StatusSince("maintenance", standing.maintenance, standing.maintained_since)
    if state.is_menu_open:
        return StatusSince("maintenance", f"service menu open: {state.menu.role}", state.menu.since)
    if state.is_off:
        return StatusSince("off", state.stop.reason, state.stop.since)
    if standing.closed_since is not None and quiet_at is not None:
        return StatusSince("off", "outside its working hours", max(standing.closed_since, quiet_at))
    if silent := [fault for fault in faults if fault.rule == "silence"]:
        return _because_of("silent", silent)
    if state.lock.locked:
        return StatusSince("stopped", state.lock.reason or "locked", state.lock.since)
    if stopping := [fault for fault in faults if fault.effect == "stops"]:
        return _because_of("stopped", stopping)
    if degrading := [fault for fault in faults if fault.effect == "degrades"]:
        return _because_of("degraded", degrading)
    since = max(filter(None, (open_faults.quiet_since, state.first_received_at)))
    return StatusSince("working", None, since)


def quiet_from(state: TerminalState, interval_s: int) -> datetime | None:
    """From when on a terminal that says nothing more counts as quiet; None if it was never heard."""
    if state.last_received_at is None:
        return None
    return state.last_received_at + timedelta(seconds=SILENT_AFTER_INTERVALS * interval_s)


def _because_of(status: Status, faults: Collection[Fault]) -> StatusSince:
    first = min(faults, key=lambda fault: (fault.raised_at, fault.fault_id))
    where = "/".join(filter(None, (first.device, first.unit)))
    return StatusSince(status, f"{where} {first.condition}".strip(), first.raised_at)
