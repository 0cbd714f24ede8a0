"""Instants as the tables keep them: whole microseconds since 1970, within what DateTime64 can hold."""

from datetime import UTC, datetime
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_EPOCH = datetime(1970, 1, 1)
EARLIEST = datetime(1901, 1, 1, tzinfo=UTC)
LATEST = datetime(2262, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND


def micros(instant: datetime) -> int:
    """Microseconds since 1970; an instant that the tables cannot hold becomes the nearest they can."""
    if not 1901 < instant.year < 2261:
        instant = min(max(instant, EARLIEST), LATEST)
    since = instant - EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds


@lru_cache(maxsize=65_536)
def wall_seconds(hour: datetime) -> int:
    """A wall clock without a zone, as seconds: it stands in a column of its own, in UTC."""
    since = hour - WALL_EPOCH
    return since.days * 86_400 + since.seconds
