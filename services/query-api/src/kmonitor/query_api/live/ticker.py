"""Tells the summary to those who may still listen: at most once a second, and only when it has changed."""

import asyncio

from kmonitor.query_api.figures import Figures, FiguresReaders
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.now import Now
from kmonitor.query_api.sight import Sight
from kmonitor.query_api.summary import Summary, summary

SECOND = 1.0


class SummaryTicker:
    """Looks once a second while somebody listens. The figures of the archive are read no more than needed."""

    def __init__(self, now: Now, figures: FiguresReaders) -> None:
        self._now = now
        self._readers = figures
        self._figures: dict[str | None, Figures | None] = {}
        self._told: dict[Sight, tuple[object, ...]] = {}

    async def refresh(self, sight: Sight) -> None:
        """Reads the archive's figures for one who sees this, if they are old."""
        self._figures[sight.dealer] = await self._readers.of(sight.dealer).figures()

    def summary(self, sight: Sight) -> Summary:
        return summary(self._now.fleet, self._figures.get(sight.dealer), sight)

    async def run(self) -> None:
        """Goes on until cancelled."""
        while True:
            await asyncio.sleep(SECOND)
            hub = self._now.hub
            if hub is None:
                continue
            hub.part_with_refused()
            sights = hub.sights
            self._told = {sight: told for sight, told in self._told.items() if sight in sights}
            # Dealers apart do not wait for each other's figures.
            await asyncio.gather(*(self._tell(hub, sight) for sight in sights))

    async def _tell(self, hub: Hub, sight: Sight) -> None:
        await self.refresh(sight)
        present = self.summary(sight)
        # When the figures were read is no change of what they say.
        said = (
            present.terminals,
            present.faults,
            present.money_today,
            present.complete_to,
            present.catching_up,
        )
        if said != self._told.get(sight):
            self._told[sight] = said
            hub.tell_summary(present, sight)
