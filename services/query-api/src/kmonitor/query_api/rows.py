"""A terminal as the list shows it: one light row, made when something about it changes, never when asked."""

from datetime import datetime
from typing import get_args

from msgspec import Struct

from kmonitor.domain.faults.dictionary import Severity
from kmonitor.domain.office.registry import TerminalAttributes
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.domain.terminal.status import Status, StatusSince

STATUSES: tuple[Status, ...] = get_args(Status)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class TerminalRow(Struct, frozen=True, gc=False):
    """One item of `GET /v1/terminals` and of the live event `terminal`."""

    terminal: str
    name: str | None
    status: Status
    status_since: datetime | None
    reason: str | None
    last_event_at: datetime | None
    last_received_at: datetime | None
    open_faults: int
    region: str | None
    dealer: str | None


def row(
    terminal: str,
    attributes: TerminalAttributes,
    state: TerminalState | None,
    now: StatusSince,
    open_faults: int,
) -> TerminalRow:
    """What the list shows of a terminal: who it is, its one status, and how fresh that is."""
    return TerminalRow(
        terminal=terminal,
        name=attributes.name,
        status=now.status,
        status_since=now.since,
        reason=now.reason,
        last_event_at=state.last_event_at if state else None,
        last_received_at=state.last_received_at if state else None,
        open_faults=open_faults,
        region=attributes.region,
        dealer=attributes.dealer,
    )


def searchable(terminal: str, attributes: TerminalAttributes) -> str:
    """The text that `q` is looked for in."""
    return folded("\n".join(filter(None, (terminal, attributes.name, attributes.address))))


def folded(text: str) -> str:
    """Letters as people search for them: neither case nor ё tells two words apart."""
    return text.casefold().replace("ё", "е")
