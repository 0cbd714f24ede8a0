"""What has come, what is missing, and up to when nothing is."""

from typing import Any

from builders import at

from kmonitor.domain.completeness import Arrival, MissingRange, SeqRange, completeness


def arrival(first: int, last: int, seconds: float = 0, **said: Any) -> Arrival:
    known: dict[str, Any] = {"terminal": "T", "epoch": 1, "partition": 0, "offset": int(seconds), "queued": 0}
    known |= {"sent_at": at(seconds), "received_at": at(seconds), "operations_up_to": -1, "interval_s": 60}
    known |= {"is_backlog": False, "events": last - first + 1, "refused": 0}
    return Arrival(**(known | {"ranges": (SeqRange(first, last, at(seconds - 1)),)} | said))


def test_what_came_twice_is_applied_once() -> None:
    figures = completeness([arrival(1, 10, 0), arrival(1, 10, 5, duplicates=10)])
    assert (figures.received, figures.applied, figures.duplicate, figures.missing) == (20, 10, 10, ())


def test_numbers_start_at_one_so_what_was_before_the_first_heard_is_missing() -> None:
    figures = completeness([arrival(5, 6)])
    assert figures.missing == (MissingRange("T", 1, 1, 4),)
    assert figures.complete_to is None


def test_a_refused_item_is_not_missing() -> None:
    came = [arrival(1, 2, 0, refused=1, refused_seqs=(3,), refused_keys=(77,)), arrival(4, 5, 1)]
    figures = completeness(came)
    assert (figures.missing, figures.quarantined, figures.received) == ((), 1, 5)


def test_it_is_complete_to_the_last_report_when_nothing_is_missing() -> None:
    assert completeness([arrival(1, 2, 0), arrival(3, 4, 30)]).complete_to == at(30)


def test_it_is_complete_to_the_last_event_before_a_hole() -> None:
    assert completeness([arrival(1, 2, 10), arrival(5, 6, 30)]).complete_to == at(9)


def test_it_is_complete_to_the_latest_event_while_others_wait_on_the_terminal() -> None:
    figures = completeness([arrival(1, 2, 10, queued=3)])
    assert (figures.complete_to, figures.catching_up) == (at(9), 1)


def test_a_terminal_no_longer_heard_holds_nobody_back() -> None:
    figures = completeness([arrival(1, 2, 0, terminal="gone"), arrival(1, 2, 300)])
    assert figures.complete_to == at(300)


def test_the_slowest_of_those_heard_decides() -> None:
    assert completeness([arrival(1, 2, 0, terminal="slow"), arrival(1, 2, 100)]).complete_to == at(0)
