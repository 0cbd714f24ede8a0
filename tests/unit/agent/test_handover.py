"""What kiosk software hands over is judged before it gets a number."""

from datetime import datetime, timedelta, timezone

import msgspec
import pytest
from unit.agent.kiosk import paid, ready

from kmonitor.events.codec import decode_event
from kmonitor.terminal_agent.errors import Unfit
from kmonitor.terminal_agent.handover import EVENT_BYTES_AT_MOST, EVENTS_AT_MOST, read_events

MOSCOW = datetime(2026, 11, 22, 15, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=3)))


def test_one_event_or_a_list_is_taken() -> None:
    one = msgspec.json.encode(paid("a"))
    assert read_events(one, MOSCOW) == read_events(b" [ " + one + b" ] ", MOSCOW)
    assert len(read_events(b"[" + one + b"," + one + b"]", MOSCOW)) == 2


def test_an_event_without_a_time_is_stamped_with_the_kiosks_own() -> None:
    [event] = read_events(msgspec.json.encode(paid("a")), MOSCOW)
    assert decode_event(event.numbered(5)).at == MOSCOW
    assert b'"at":"2026-11-22T15:00:00.120+03:00"' in event.numbered(5)


def test_an_event_with_a_time_keeps_it() -> None:
    [event] = read_events(msgspec.json.encode(paid("a", at="2026-11-22T10:00:00Z")), MOSCOW)
    assert event.numbered(5).count(b'"at"') == 1
    assert decode_event(event.numbered(5)).at.hour == 10


def test_all_else_stays_the_bytes_that_came() -> None:
    said = (
        b'{ "type" : "weather.changed.v3", "at": "x", "sum": 1.50, "city": "\\u041c", "deep": {"a": [1, 2]} }'
    )
    [event] = read_events(said, MOSCOW)
    assert event.numbered(7) == b'{"seq":7,' + said[1:]


def test_a_type_that_this_agent_does_not_know_is_passed_on_unjudged() -> None:
    [event] = ready({"type": "iris.scanned.v2", "at": 17})
    assert event.type == "iris.scanned.v2"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b'{"type": "a.b.v1"} {}', "no JSON"),
        (b"[{]", "no JSON list"),
        (b'"door.changed.v1"', "JSON object"),
        (b'[{"type": "a.b.v1"}, 7]', "event 1: an event is a JSON object"),
        (b'{"type": "a.b.v1", "x": "\xff"}', "no JSON"),
        (b'{"type": "a.b.v1", "x": NaN}', "no JSON"),
        (b'{"type": "a.b.v1", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "no JSON"),
        (b'{"type": "a.b.v1", "x": {"k": 1, "k": 2}}', "`k` is repeated"),
        (b'{"type": "a.b.v1", "k": 1, "\\u006b": 2}', "`k` is repeated"),
        (b'{"type": "terminal.heartbeat.v1", "new": {"k": 1, "k": 2}}', "`k` is repeated"),
        (b'{"type": "terminal.heartbeat.v1", "new": NaN}', "no JSON"),
        (b'{"type": "terminal.heartbeat.v1", "\\u0073eq": 5}', "`seq` is given by the agent"),
        (b"{}", "`type`"),
        (b'{"type": "payment"}', "`type`"),
        (b'{"type": "payment.accepted.v0"}', "`type`"),
        (b'{"type": "Payment.Accepted.v1"}', "`type`"),
        (b'{"type": 5}', "`type`"),
        (b'{"type": "a.b.v1", "seq": 5}', "`seq` is given by the agent"),
        (b"[]", "0 events at once"),
    ],
)
def test_what_can_never_be_read_is_refused_with_the_reason(body: bytes, says: str) -> None:
    with pytest.raises(Unfit, match=says):
        read_events(body, MOSCOW)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"credited_minor": 485.5}, "credited_minor"),
        ({"currency": "rub"}, "currency"),
        ({"at": "yesterday"}, "at"),
        ({"at": "1066-10-14T09:00:00Z"}, "at"),
    ],
)
def test_a_wrong_field_of_a_known_type_is_named(said: dict[str, object], field: str) -> None:
    with pytest.raises(Unfit, match=field) as refused:
        ready(paid("a"), paid("b", **said))
    assert refused.value.index == 1


def test_too_many_and_too_large_ones_are_refused() -> None:
    with pytest.raises(Unfit, match="events at once"):
        ready(*[paid("a")] * (EVENTS_AT_MOST + 1))
    with pytest.raises(Unfit, match="larger than"):
        ready({"type": "a.b.v1", "x": "x" * EVENT_BYTES_AT_MOST})
