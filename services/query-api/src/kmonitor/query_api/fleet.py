"""All terminals as they are now, in memory: raw states and light rows, folded from the compacted topics."""

import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import Fault, TerminalFaults
from kmonitor.domain.office.registry import UNDESCRIBED, Registry, TerminalAttributes
from kmonitor.domain.office.upkeep import Belongs, is_chosen
from kmonitor.domain.terminal.standing import NOTHING_SAID, Standing, standing
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.domain.terminal.status import NO_FAULTS, OpenFaults, StatusSince, quiet_from, status
from kmonitor.events.codec import decode
from kmonitor.events.office.terminals import TerminalDescribed, TerminalRetired
from kmonitor.events.office.upkeep import MaintenanceCancelled, MaintenancePlanned
from kmonitor.events.operations import OperationBody
from kmonitor.query_api.details import Shown
from kmonitor.query_api.rows import TerminalRow, row, searchable
from kmonitor.query_api.unknown_codes import UnknownCodes


class Terminal:
    """What is held of one terminal; its state stays the bytes that came, and is read when someone asks."""

    __slots__ = ("attributes", "faults", "is_shown", "look_at", "raw", "row", "search", "standing")

    def __init__(self, terminal: str) -> None:
        self.attributes: TerminalAttributes = UNDESCRIBED
        self.raw: bytes | None = None
        self.faults = NO_FAULTS
        self.standing: Standing = NOTHING_SAID
        self.row = row(terminal, UNDESCRIBED, None, status(None, NO_FAULTS), 0)
        self.search = searchable(terminal, UNDESCRIBED)
        self.is_shown = False
        self.look_at: datetime | None = None

    @property
    def belongs(self) -> Belongs:
        return Belongs(self.row.terminal, self.attributes.region, self.attributes.dealer)

    @property
    def shown(self) -> Shown:
        row = self.row
        return Shown(
            terminal=row.terminal,
            attributes=self.attributes,
            state=self.state or TerminalState(terminal=row.terminal),
            status=StatusSince(row.status, row.reason, row.status_since),
            faults=self.faults.faults,
        )

    @property
    def state(self) -> TerminalState | None:
        return None if self.raw is None else decode(self.raw, TerminalState)


class Fleet:
    """A registered terminal is here before it was ever heard; one that was heard is here though nobody
    registered it. What changes what a terminal shows gives its new row, else None."""

    def __init__(self, registry: Registry, clock: Callable[[], datetime], dictionary: Dictionary) -> None:
        self._registry = registry
        self._clock = clock
        self._terminals: dict[str, Terminal] = {}
        self._order: list[str] = []
        self._is_ordered = True
        self._open: dict[str, Fault] = {}
        self._upcoming: list[tuple[datetime, str]] = []
        self._awaited: set[tuple[datetime, str]] = set()
        self._of_dealer: defaultdict[str | None, set[str]] = defaultdict(set)
        self.by_status: Counter[str] = Counter()
        self.by_severity: Counter[str] = Counter()
        self.unknown_codes = UnknownCodes(dictionary)

    def __len__(self) -> int:
        return len(self._terminals)

    def get(self, terminal: str) -> Terminal | None:
        return self._terminals.get(terminal)

    def names_of(self, dealer: str | None) -> list[str] | None:
        """The terminals that are this dealer's now; None, which is all, where no dealer is said."""
        return None if dealer is None else sorted(self._of_dealer.get(dealer, ()))

    def after(self, terminal: str | None, dealer: str | None = None) -> Iterator[Terminal]:
        """The terminals beyond this one, in the order of their names; of one dealer if it is said."""
        if (own := self.names_of(dealer)) is not None:
            return (self._terminals[name] for name in own if terminal is None or name > terminal)
        if not self._is_ordered:
            self._order.sort()
            self._is_ordered = True
        start = 0 if terminal is None else bisect_right(self._order, terminal)
        return (self._terminals[self._order[at]] for at in range(start, len(self._order)))

    def open_faults(self, terminal: str | None = None) -> Iterable[Fault]:
        """Every open fault, or this terminal's, in no particular order."""
        if terminal is None:
            return self._open.values()
        known = self._terminals.get(terminal)
        return () if known is None else known.faults.faults

    def open_fault(self, fault_id: str) -> Fault | None:
        return self._open.get(fault_id)

    def take_state(self, terminal: str, value: bytes | None) -> TerminalRow | None:
        """A record of terminal-states, None when the terminal is forgotten. Raises `Unreadable`."""
        state = None if value is None else decode(value, TerminalState)
        known = self._known(terminal)
        known.raw = value
        self.unknown_codes.take(terminal, state.units.values() if state else ())
        return self._refresh(known, state)

    def take_faults(self, terminal: str, value: bytes | None) -> TerminalRow | None:
        """A record of open-faults, None when there is nothing to remember. Raises `Unreadable`."""
        said = TerminalFaults(terminal=terminal) if value is None else decode(value, TerminalFaults)
        known = self._known(terminal)
        self.by_severity.subtract(fault.severity for fault in known.faults.faults)
        for fault in known.faults.faults:
            self._open.pop(fault.fault_id, None)
        known.faults = OpenFaults(tuple(said.open.values()), said.quiet_since)
        self.by_severity.update(fault.severity for fault in known.faults.faults)
        self._open |= {fault.fault_id: fault for fault in known.faults.faults}
        return self._refresh(known, known.state)

    def describe(self, terminal: str) -> TerminalRow | None:
        """The registry says something new of this terminal, perhaps only from a later moment on."""
        now, known = self._clock(), self._known(terminal)
        for described in self._registry.terminals.get(terminal, ()):
            if described.effective_from > now:
                self._look_again(known, described.effective_from)
        known.attributes = self._registry.attributes(terminal, now) or UNDESCRIBED
        known.search = searchable(terminal, known.attributes)
        known.standing = standing(self._registry, terminal, known.attributes, now)
        if known.standing.changes_at is not None:
            self._look_again(known, known.standing.changes_at)
        return self._refresh(known, known.state)

    def meant_by(self, body: OperationBody) -> list[str]:
        """The terminals that show something new by an operation: asked before the registry learns it."""
        if isinstance(body, TerminalDescribed | TerminalRetired):
            return [body.terminal]
        if not isinstance(body, MaintenancePlanned | MaintenanceCancelled):
            return []
        before = self._registry.upkeep.maintenance.get(body.maintenance_id)
        plans = [each for each in (before, body) if isinstance(each, MaintenancePlanned)]
        return [
            name
            for name, each in self._terminals.items()
            if any(is_chosen(plan, each.belongs) for plan in plans)
        ]

    def turn_pages(self) -> list[TerminalRow]:
        """The rows that change because a moment has come: something planned holds, a shop opens or closes."""
        now, due = self._clock(), set[str]()
        while self._upcoming and self._upcoming[0][0] <= now:
            moment, terminal = mark = heapq.heappop(self._upcoming)
            self._awaited.discard(mark)
            known = self._terminals[terminal]
            if known.look_at == moment:
                known.look_at = None
                due.add(terminal)
        return [row for terminal in sorted(due) if (row := self.describe(terminal)) is not None]

    def _known(self, terminal: str) -> Terminal:
        known = self._terminals.get(terminal)
        if known is None:
            known = self._terminals[terminal] = Terminal(terminal)
            self._is_ordered = self._is_ordered and (not self._order or self._order[-1] < terminal)
            self._order.append(terminal)
            self.by_status[known.row.status] += 1
        return known

    def _refresh(self, known: Terminal, state: TerminalState | None) -> TerminalRow | None:
        new = row(
            known.row.terminal, known.attributes, state, self._status(known, state), len(known.faults.faults)
        )
        if new == known.row and known.is_shown:
            return None
        self.by_status[known.row.status] -= 1
        self.by_status[new.status] += 1
        if new.dealer != known.row.dealer or not known.is_shown:
            self._of_dealer[known.row.dealer].discard(new.terminal)
            self._of_dealer[new.dealer].add(new.terminal)
        known.row = new
        known.is_shown = True
        return new

    def _status(self, known: Terminal, state: TerminalState | None) -> StatusSince:
        quiet_at = None
        if state is not None and known.standing.closed_since is not None:
            quiet_at = quiet_from(state, known.attributes.interval_s)
            if quiet_at is not None and quiet_at > self._clock():
                self._look_again(known, quiet_at)
                quiet_at = None
        return status(state, known.faults, known.standing, quiet_at)

    def _look_again(self, known: Terminal, moment: datetime) -> None:
        """At the earliest moment that is asked for; whatever comes later is asked for again then."""
        if known.look_at is not None and known.look_at <= moment:
            return
        known.look_at = moment
        if (mark := (moment, known.row.terminal)) not in self._awaited:
            self._awaited.add(mark)
            heapq.heappush(self._upcoming, mark)
