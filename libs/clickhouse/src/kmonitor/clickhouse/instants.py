"""Instants as the tables keep them: whole microseconds since 1970, within what DateTime64 can hold."""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1901, 1, 1, tzinfo=UTC)
LATEST = datetime(2262, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND


def micros(instant: datetime) -> int:
    """Microseconds since 1970; an instant that the tables cannot hold becomes the nearest they can."""
    since = min(max(instant, EARLIEST), LATEST) - EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def wall_seconds(hour: datetime) -> int:
    """A wall clock without a zone, as seconds: it stands in a column of its own, in UTC."""
    since = hour - EPOCH.replace(tzinfo=None)
    return since.days * 86_400 + since.seconds
