"""What becomes of the items of a report."""

from typing import Any

from builders import at, heartbeat, payment, report

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.instants import micros
from kmonitor.domain.clock import Clock
from kmonitor.domain.sequences import Seen
from kmonitor.event_archive.judging import conflict_key, is_same, judge, refusal_key
from kmonitor.event_archive.reading import Heard
from kmonitor.event_archive.rows import Place, add_report
from kmonitor.events.codec import decode_raw_record, encode
from kmonitor.events.log import Refusal, Report, Tick

ID = ("T", 1, 7)


def heard(said: Report) -> Heard:
    raw = decode_raw_record(encode(said))
    assert not isinstance(raw, Tick)
    return Heard(3, 41, said, raw)


def compared(said: Report, seen: dict[int, Seen]) -> list[int]:
    return [item for _, item in judge(heard(said), seen).compare]


def test_numbers_in_a_row_above_all_that_was_seen_need_no_comparison() -> None:
    assert compared(report(heartbeat(1), heartbeat(2)), {}) == []


def test_a_number_that_came_before_is_compared_also_within_a_report() -> None:
    seen: dict[int, Seen] = {}
    compared(report(heartbeat(1), heartbeat(2)), seen)
    assert compared(report(heartbeat(2), heartbeat(3), heartbeat(3)), seen) == [0, 2]


def test_another_epoch_starts_anew() -> None:
    seen: dict[int, Seen] = {}
    compared(report(heartbeat(1)), seen)
    assert compared(report(heartbeat(1), epoch=2), seen) == []


def test_spaces_and_the_order_of_keys_do_not_make_another_content() -> None:
    assert is_same(b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }')
    assert not is_same(b'{"a":1}', b'{"a":2}')
    assert conflict_key(ID, b'{"a":1,"b":2}') == conflict_key(ID, b'{"b":2,"a":1}')


def test_a_refused_item_is_known_again_by_its_number_or_else_by_its_place() -> None:
    def key(**said: object) -> int:
        return refusal_key(1, Refusal(**({"index": 0, "seq": None, "reason": "invalid_json"} | said)))  # type: ignore[arg-type]

    assert key(seq=5) == key(seq=5, index=9)
    assert key() != key(index=1)
    assert key(seq=5) != key(seq=6)


def rows(said: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    arrivals, events = tables.arrivals(), tables.events()
    add_report(arrivals, events, judge(heard(said), {}), Place(60, -1))
    return (
        {name: values[0] for name, values in zip(arrivals.names, arrivals.values, strict=True)},
        dict(zip(events.names, events.values, strict=True)),
    )


def test_event_time_in_the_table_is_the_domain_s() -> None:
    for sent in (0, 299, 301, -4_000):
        said = report(payment(1, seconds=-5), received=100, sent_at=at(100 + sent))
        _, events = rows(said)
        clock = Clock(said.sent_at, said.received_at)
        assert events["event_time"] == [micros(clock.event_time(at(-5)))]


def test_an_arrival_says_its_ranges_with_the_time_of_their_last() -> None:
    arrival, _ = rows(report(heartbeat(5, 1), heartbeat(2, 2), heartbeat(3, 3)))
    assert (arrival["first_seqs"], arrival["last_seqs"]) == ([2, 5], [3, 5])
    assert arrival["last_times"] == [micros(at(3)), micros(at(1))]


def test_a_report_is_backlog_when_its_newest_event_is_old_by_the_terminal_s_own_age_of_it() -> None:
    assert rows(report(heartbeat(1, -500), heartbeat(2, -151)))[0]["is_backlog"]
    assert not rows(report(heartbeat(1, -500), heartbeat(2, -1)))[0]["is_backlog"]


def test_a_clock_in_1970_or_2100_stays_within_what_the_tables_hold() -> None:
    for year in (1970, 2100):
        said = report(heartbeat(1), received=0, sent_at=at(0).replace(year=year))
        _, events = rows(said)
        assert len(list(events["at"])) == 1
