"""When people pay: the shape of a day and of a week, in the terminal's own zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# How busy each local hour is against the average hour; they add up to 24.
_HOURS_RAW = (
    0.25, 0.15, 0.12, 0.10, 0.12, 0.20, 0.45, 0.80, 1.10, 1.30, 1.45, 1.55,
    1.70, 1.65, 1.50, 1.45, 1.55, 1.80, 2.05, 1.95, 1.55, 1.10, 0.75, 0.45,
)  # fmt: skip
HOURS = tuple(24 * each / sum(_HOURS_RAW) for each in _HOURS_RAW)
# Monday to Sunday; they add up to 7.
WEEKDAYS = (0.98, 0.97, 0.98, 1.02, 1.18, 1.02, 0.85)
BUSIEST = max(HOURS) * max(WEEKDAYS)


def busyness(local: datetime) -> float:
    """How busy this moment is against the average of the week."""
    return HOURS[local.hour] * WEEKDAYS[local.weekday()]


class LocalTime:
    """A zone's wall clock for moments in seconds since 1970."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def __call__(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, self._zone)

    def text(self, moment: float) -> str:
        """RFC 3339 with the zone's offset, to the millisecond."""
        return datetime.fromtimestamp(moment, self._zone).isoformat(timespec="milliseconds")


def instant(moment: float) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
