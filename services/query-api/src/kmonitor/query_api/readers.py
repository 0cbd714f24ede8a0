"""All that the routes read from, as one value handed in at the front door."""

from dataclasses import dataclass

from kmonitor.domain.dictionary import Dictionary
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.details import Frame, TerminalNow, terminal_now
from kmonitor.query_api.figures import FiguresReader
from kmonitor.query_api.fleet import Terminal
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.now import Now
from kmonitor.query_api.problems import not_now

AFTER_S = 2.0


@dataclass(frozen=True)
class Readers:
    now: Now
    archive: Archive
    figures: FiguresReader
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
