"""What the summary takes from the archive: money today and completeness, read no more than needed."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from kmonitor.clickhouse.queries.completeness import Completeness
from kmonitor.clickhouse.queries.revenue import RevenueByZone
from kmonitor.query_api.archive import Archive, Row
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.problems import Problem

FRESH_S = 1.0
EFFORT = 10
"""Of the time, at most a tenth is spent reading them."""
PATIENCE_S = 1.0


class Money(Struct, frozen=True):
    currency: str
    payments: int
    credited_minor: int


class Figures(Struct, frozen=True):
    """`money_today`: each terminal's own today, the currencies apart. `at`: when they were read."""

    money_today: list[Money]
    complete_to: datetime | None
    catching_up: int
    at: datetime


class FiguresReader:
    """Many may ask, one reads. What was read last is better than nothing while ClickHouse is away."""

    def __init__(
        self, archive: Archive, clock: Callable[[], datetime], fleet: Fleet, dealer: str | None
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._fleet = fleet
        self._dealer = dealer
        self._last: Figures | None = None
        self._stale_at = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def figures(self) -> Figures | None:
        """Fresh ones within a second, else the last ones; None if there never were any."""
        if time.monotonic() >= self._stale_at:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            await asyncio.wait([self._reading], timeout=PATIENCE_S)
        return self._last

    async def _read(self) -> None:
        started, now = time.monotonic(), self._clock()
        today = now.date()
        try:
            day = timedelta(days=1)
            money = await self._archive.rows(RevenueByZone(today - day, today + 2 * day, self._dealer))
            complete = (await self._archive.rows(Completeness(self._fleet.names_of(self._dealer))))[0]
        except Problem:
            self._stale_at = time.monotonic() + FRESH_S
            return
        self._last = Figures(
            money_today(money, now), complete["complete_to"], int(complete["catching_up"]), now
        )
        took = time.monotonic() - started
        self._stale_at = time.monotonic() + max(FRESH_S, took * EFFORT)


class FiguresReaders:
    """One reader for the whole network, and one for each dealer who has asked."""

    def __init__(self, archive: Archive, clock: Callable[[], datetime], fleet: Fleet) -> None:
        self._make = partial(FiguresReader, archive, clock, fleet)
        self._readers: dict[str | None, FiguresReader] = {}

    def of(self, dealer: str | None) -> FiguresReader:
        if dealer not in self._readers:
            self._readers[dealer] = self._make(dealer)
        return self._readers[dealer]


def money_today(rows: list[Row], now: datetime) -> list[Money]:
    """What was taken on the day that it is now in each zone."""
    payments: Counter[str] = Counter()
    credited: Counter[str] = Counter()
    for row in rows:
        if row["day"] == now.astimezone(ZoneInfo(row["zone"])).date():
            payments[row["currency"]] += int(row["payments"])
            credited[row["currency"]] += int(row["credited_minor"])
    return [Money(currency, payments[currency], credited[currency]) for currency in sorted(payments)]
