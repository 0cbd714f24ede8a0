"""All that the routes read from, as one value handed in at the front door."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.instants import micros
from kmonitor.clickhouse.queries.own import ALWAYS, Stay
from kmonitor.clickhouse.queries.query import Query
from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.registry import Period
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.details import Frame, TerminalNow, terminal_now
from kmonitor.query_api.figures import Figures, FiguresReaders
from kmonitor.query_api.fleet import Terminal
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.now import Now
from kmonitor.query_api.problems import Problem, not_now
from kmonitor.query_api.sight import Sight

AFTER_S = 2.0
ASK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Readers:
    """What takes a sight gives only what that reader may see."""

    now: Now
    archive: Archive
    figures: FiguresReaders
    dictionary: Dictionary

    def terminal_now(self, known: Terminal) -> TerminalNow:
        """A terminal in full, by the present dictionary and what the office planned."""
        every_days = self.now.registry.upkeep.every_days(known.belongs)
        return terminal_now(known.shown, Frame(self.dictionary, every_days, self.now.clock()))

    def opened(self) -> Hub:
        """The live hub; a problem until everything that was there has been read."""
        if self.now.hub is None:
            raise not_now("the present state is still being read: ask again in a moment")
        return self.now.hub

    async def caught_up(self, after: str | None) -> None:
        """The present is known, with the operation `after` in it if it comes within 2 s."""
        self.opened()
        if after is not None:
            await self.now.knows(after, AFTER_S)

    async def heard(self, after: str | None) -> None:
        """The same where the archive answers: it does so also while the present is still being read."""
        if after is not None:
            await self.caught_up(after)

    async def archived(self, question: Query) -> None:
        """The archive has a row for it, if it comes within 2 s."""
        for _ in range(round(AFTER_S / ASK_AGAIN_S)):
            if await self.archive.rows(question):
                return
            await asyncio.sleep(ASK_AGAIN_S)

    def number_of(self, operation: str | None) -> int | None:
        """The place in the log of an operation, if it is known."""
        number, _ = self.now.registry.operations.get(operation or "", (None, None))
        return number

    def terminals(self, sight: Sight, after: str | None) -> Iterator[Terminal]:
        """The terminals beyond this one, in the order of their names."""
        return self.now.fleet.after(after, sight.dealer)

    def terminal(self, sight: Sight, terminal: str) -> Terminal:
        """Raises Problem 404 when there is none such, or it is another dealer's."""
        found = self.now.fleet.get(terminal)
        if found is None or not sight.shows(found.row.dealer):
            raise Problem(404, "there is no such terminal")
        return found

    def open_faults(self, sight: Sight, terminal: str | None) -> Iterator[Fault]:
        """The open faults of the terminals (or of this one) that are a dealer's now."""
        faults = self.now.fleet.open_faults(terminal)
        return (each for each in faults if sight.shows(self.now.described(each.terminal).dealer))

    def cleared_faults(self, sight: Sight) -> Iterator[Fault]:
        """Those cleared of late that were raised while the terminal was a dealer's."""
        return (each for each in self.now.cleared if self.was_own(sight, each.terminal, each.raised_at))

    def stays(self, sight: Sight, terminal: str | None = None) -> list[Stay] | None:
        """When each terminal (or this one) was a dealer's; None for who sees all."""
        if sight.dealer is None:
            return None
        names = self.now.registry.ever_of(sight.dealer) if terminal is None else (terminal,)
        return [
            (name, *_micros(period))
            for name in sorted(names)
            for period in self.now.registry.periods_of(name, sight.dealer)
        ]

    def was_own(self, sight: Sight, terminal: str, time: datetime) -> bool:
        """Whether a terminal was a dealer's at a time."""
        if sight.dealer is None:
            return True
        return any(each.holds(time) for each in self.now.registry.periods_of(terminal, sight.dealer))

    async def figures_for(self, sight: Sight) -> Figures | None:
        return await self.figures.of(sight.dealer).figures()


def _micros(period: Period) -> tuple[int, int]:
    since, until = ALWAYS
    return (
        since if period.since is None else micros(period.since),
        until if period.until is None else micros(period.until),
    )
