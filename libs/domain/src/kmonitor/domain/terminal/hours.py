"""When a terminal is expected to work: its working hours, read as the office writes them."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

EXAMPLE = "`09:00-21:00`, `Mo-Fr 09:00-18:00; Sa 10:00-16:00` or `24/7`"
DAY = timedelta(days=1)
DAYS = {
    **{name: number for number, name in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))},
    **{name: number for number, name in enumerate(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))},
}
_RULE = re.compile(
    r"(?:(?P<days>[^\W\d]{2,}(?:\s*[-,]\s*[^\W\d]{2,})*)\s+)?"
    r"(?P<from>\d{1,2}(?::\d{2})?)\s*[-–]\s*(?P<to>\d{1,2}(?::\d{2})?)"
)


class WrongHours(ValueError):
    """Text that tells no working hours; it says what would."""


class Span(Struct, frozen=True):
    """Open on these days of the week (Monday is 0) from a time on, for so long: perhaps into the next day."""

    days: frozenset[int]
    opens: time
    lasts: timedelta


Hours = tuple[Span, ...]
"""Empty: always open."""


@lru_cache(maxsize=4096)
def read_hours(text: str | None) -> Hours:
    """The hours that a text tells. Raises WrongHours."""
    said = (text or "").strip().lower()
    if said in ("", "24/7"):
        return ()
    return tuple(_span(rule.strip()) for rule in re.split(r"[;\n]", said) if rule.strip())


def open_since(hours: Hours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the present opening began, None while closed. Of an open end (always open) the beginning of time."""
    if not hours:
        return datetime.min.replace(tzinfo=now.tzinfo)
    begun = [opens for opens, closes in _openings(hours, now, zone) if opens <= now < closes]
    return min(begun, default=None)


def next_change(hours: Hours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment at which it opens or closes; None if it never does."""
    moments = [moment for each in _openings(hours, now, zone) for moment in each if moment > now]
    return min(moments, default=None)


def closed_since(hours: Hours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it closed, None while open."""
    if open_since(hours, now, zone) is not None:
        return None
    return max((closes for _, closes in _openings(hours, now, zone) if closes <= now), default=now)


def _openings(hours: Hours, now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The openings of the week around now, as instants."""
    today = now.astimezone(zone).date()
    for shift in range(-8, 9):
        day = today + shift * DAY
        for span in hours:
            if day.weekday() in span.days:
                opens = datetime.combine(day, span.opens, zone)
                yield opens.astimezone(now.tzinfo), (opens + span.lasts).astimezone(now.tzinfo)


def _span(rule: str) -> Span:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise WrongHours(f"{rule!r} tells no working hours: write them as {EXAMPLE}")
    opens, closes = _minutes(found["from"], rule), _minutes(found["to"], rule)
    lasts = (closes - opens) % (24 * 60) or 24 * 60
    return Span(_days(found["days"], rule), time(opens // 60 % 24, opens % 60), timedelta(minutes=lasts))


def _minutes(text: str, rule: str) -> int:
    hours, _, minutes = text.partition(":")
    total = int(hours) * 60 + int(minutes or 0)
    if total > 24 * 60 or int(minutes or 0) > 59:
        raise WrongHours(f"{rule!r}: {text} is no time of a day: write hours as {EXAMPLE}")
    return total


def _days(text: str | None, rule: str) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.split(","):
        names = [name.strip()[:2] for name in part.split("-")]
        if len(names) > 2 or not all(name in DAYS for name in names):
            raise WrongHours(f"{rule!r}: {part.strip()!r} names no days: write hours as {EXAMPLE}")
        first, last = DAYS[names[0]], DAYS[names[-1]]
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(days)
