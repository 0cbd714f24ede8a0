"""What readers ask and how it is refused: cursors and moments."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Moment
from kmonitor.query_api.problems import Problem

MOMENT: TypeAdapter[date | datetime] = TypeAdapter(Moment)


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert place("events", cursor("events", [3, 17]), int, int) == [3, 17]


def test_another_lists_cursor_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        place("terminals", cursor("events", [3, 17]), str)
    assert (refused.value.status, refused.value.parameter) == (400, "cursor")


@given(st.text())
def test_any_text_is_a_cursor_or_a_400(text: str) -> None:
    try:
        place("events", text, int, int)
    except Problem as problem:
        assert problem.status == 400


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T10:00:00+03:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00 03:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456789z", datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_day_or_an_instant(text: str, moment: date) -> None:
    assert MOMENT.validate_python(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "2026-11-22T10:00:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "20261122"],
)
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_moment(text: str) -> None:
    try:
        MOMENT.validate_python(text)
    except ValidationError:
        return
