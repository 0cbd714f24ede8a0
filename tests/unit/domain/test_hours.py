"""Working hours as offices write them, and what they make of a terminal that says nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kmonitor.domain.office.registry import TerminalAttributes
from kmonitor.domain.terminal.hours import WrongHours, closed_since, next_change, open_since, read_hours
from kmonitor.domain.terminal.standing import is_missed

MOSCOW = ZoneInfo("Europe/Moscow")


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "opened", "closed"),
    [
        ("09:00-21:00", [moscow(23, 9), moscow(28, 20, 59)], [moscow(23, 21), moscow(23, 8, 59)]),
        ("9-21", [moscow(23, 9)], [moscow(23, 21)]),
        (
            "Mo-Fr 09:00-18:00; Sa 10:00-16:00",
            [moscow(27, 17), moscow(28, 10)],
            [moscow(28, 9), moscow(29, 12)],
        ),
        ("пн-пт 9-18", [moscow(23, 12)], [moscow(28, 12)]),
        ("mon,wed 09:00-18:00", [moscow(23, 12), moscow(25, 12)], [moscow(24, 12)]),
        ("Fr-Mo 10:00-11:00", [moscow(23, 10), moscow(29, 10)], [moscow(25, 10)]),
        ("22:00-06:00", [moscow(23, 23), moscow(24, 5)], [moscow(24, 6), moscow(23, 21)]),
        ("24/7", [moscow(23, 3)], []),
        ("00:00-24:00", [moscow(23, 3)], []),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, opened: list[datetime], closed: list[datetime]) -> None:
    hours = read_hours(text)
    assert all(open_since(hours, moment, MOSCOW) is not None for moment in opened)
    assert all(open_since(hours, moment, MOSCOW) is None for moment in closed)


@pytest.mark.parametrize("text", ["always", "25:00-26:00", "09:00", "Xx 09:00-10:00", "09:70-10:00", "9-21, 5"])
def test_what_tells_no_hours_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongHours, match="09:00-21:00"):
        read_hours(text)


def test_an_opening_knows_when_it_began_and_when_it_ends() -> None:
    hours = read_hours("09:00-21:00")
    assert open_since(hours, moscow(23, 12), MOSCOW) == moscow(23, 9)
    assert closed_since(hours, moscow(23, 23), MOSCOW) == moscow(23, 21)
    assert next_change(hours, moscow(23, 23), MOSCOW) == moscow(24, 9)
    assert next_change((), moscow(23, 23), MOSCOW) is None


def test_a_closed_terminal_is_not_missed_until_it_has_been_open_for_a_while() -> None:
    kiosk = TerminalAttributes(working_hours="09:00-21:00", timezone="Europe/Moscow", report_interval_s=60)
    opens = moscow(24, 9)
    moments = (moscow(24, 3), opens, opens + timedelta(seconds=150), opens + timedelta(seconds=151))
    assert [is_missed(kiosk, moment) for moment in moments] == [False, False, False, True]
    assert is_missed(TerminalAttributes(), moscow(24, 3))
