"""A terminal as the list shows it: one light row, made when something about it changes, never when asked."""

from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from kmonitor.domain.dictionary import Severity
from kmonitor.domain.faults import Fault
from kmonitor.domain.registry import TerminalAttributes
from kmonitor.domain.status import status
from kmonitor.domain.terminal import TerminalState

AnyStatus = Literal["retired", "new", "maintenance", "off", "silent", "stopped", "degraded", "working"]
STATUSES: tuple[AnyStatus, ...] = get_args(AnyStatus)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class TerminalRow(Struct, frozen=True, gc=False):
    """One item of `GET /v1/terminals` and of the live event `terminal`."""

    terminal: str
    name: str | None
    status: AnyStatus
    status_since: datetime | None
    reason: str | None
    last_event_at: datetime | None
    last_received_at: datetime | None
    open_faults: int
    region: str | None
    dealer: str | None


class OpenFaults(Struct, frozen=True):
    """A terminal's open faults, and when its last one was cleared."""

    faults: tuple[Fault, ...] = ()
    quiet_since: datetime | None = None


NO_FAULTS = OpenFaults()
UNDESCRIBED = TerminalAttributes()


def row(
    terminal: str, attributes: TerminalAttributes, state: TerminalState | None, faults: OpenFaults
) -> TerminalRow:
    """What the list shows of a terminal: who it is, its one status, and how fresh that is."""
    now = status(state, faults.faults, faults.quiet_since)
    return TerminalRow(
        terminal=terminal,
        name=attributes.name,
        status=now.status,
        status_since=now.since,
        reason=now.reason,
        last_event_at=state.last_event_at if state else None,
        last_received_at=state.last_received_at if state else None,
        open_faults=len(faults.faults),
        region=attributes.region,
        dealer=attributes.dealer,
    )


def searchable(terminal: str, attributes: TerminalAttributes) -> str:
    """The text that `q` is looked for in."""
    return folded("\n".join(filter(None, (terminal, attributes.name, attributes.address))))


def folded(text: str) -> str:
    """Letters as people search for them: neither case nor ё tells two words apart."""
    return text.casefold().replace("ё", "е")
