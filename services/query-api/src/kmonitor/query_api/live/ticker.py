"""Tells the summary to those who listen: at most once a second, and only when it has changed."""

import asyncio

from kmonitor.query_api.figures import Figures, FiguresReader
from kmonitor.query_api.now import Now
from kmonitor.query_api.summary import Summary, summary

SECOND = 1.0


class SummaryTicker:
    """Looks once a second while somebody listens. The figures of the archive are read no more than needed."""

    def __init__(self, now: Now, figures: FiguresReader) -> None:
        self._now = now
        self._reader = figures
        self._figures: Figures | None = None
        self._told: tuple[object, ...] = ()

    async def refresh(self) -> None:
        """Reads the archive's figures, if they are old."""
        self._figures = await self._reader.figures()

    def summary(self) -> Summary:
        return summary(self._now.fleet, self._figures)

    async def run(self) -> None:
        """Goes on until cancelled."""
        while True:
            await asyncio.sleep(SECOND)
            hub = self._now.hub
            if hub is None or not hub.subscribers:
                continue
            await self.refresh()
            present = self.summary()
            # When the figures were read is no change of what they say.
            said = (
                present.terminals,
                present.faults,
                present.money_today,
                present.complete_to,
                present.catching_up,
            )
            if said != self._told:
                self._told = said
                hub.tell_summary(present)
