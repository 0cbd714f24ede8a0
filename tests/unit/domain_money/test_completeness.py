"""What has come, what is missing, and up to when nothing is."""

from typing import Any

from builders import at

from kmonitor.domain.completeness import (
    Arrival,
    MissingRange,
    SeqRange,
    completeness,
    terminal_completeness,
)
from kmonitor.domain.office.write_offs import WriteOff, WrittenOff


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


def off(from_seq: int, to_seq: int, number: int = 0, reason: str = "spool lost", epoch: int = 1) -> WriteOff:
    return WriteOff(
        number=number,
        terminal="T",
        epoch=epoch,
        from_seq=from_seq,
        to_seq=to_seq,
        reason=reason,
        author="admin",
        recorded_at=at(500),
    )


def test_what_is_written_off_is_missing_no_longer_and_holds_nobody_back() -> None:
    came = [arrival(3, 4, 0), arrival(9, 10, 30)]
    figures = completeness(came, [off(1, 2), off(6, 7, 1)])
    assert figures.missing == (MissingRange("T", 1, 5, 5), MissingRange("T", 1, 8, 8))
    assert figures.complete_to == at(-1)
    assert completeness(came, [off(1, 2), off(5, 8, 1)]).complete_to == at(30)


def test_above_the_highest_number_that_came_nothing_is_missing_nor_written_off_from_it() -> None:
    assert completeness([arrival(1, 2)], [off(7, 9)]).missing == ()


def test_what_comes_all_the_same_is_written_off_no_more() -> None:
    (epoch,) = terminal_completeness([arrival(1, 2), arrival(6, 6, 1)], [off(2, 5)]).epochs
    assert (epoch.missing, epoch.written_off) == ((), (WrittenOff(3, 5, "spool lost", "admin", at(500)),))


def test_a_number_written_off_twice_is_listed_with_the_first_reason() -> None:
    (epoch,) = terminal_completeness([arrival(8, 8)], [off(2, 4), off(3, 7, 1, "stolen")]).epochs
    assert [(each.from_seq, each.to_seq, each.reason) for each in epoch.written_off] == [
        (2, 4, "spool lost"),
        (5, 7, "stolen"),
    ]
    assert epoch.missing == ((1, 1),)


def test_an_epoch_of_which_nothing_came_shows_what_was_written_off_of_it() -> None:
    (one, two) = terminal_completeness([arrival(1, 2)], [off(1, 3, epoch=2)]).epochs
    assert (one.figures.received, two.figures.received, two.last_seq) == (2, 0, 0)
    assert len(two.written_off) == 1


def test_a_re_driven_report_is_not_the_terminal_speaking() -> None:
    back = arrival(3, 3, 500, is_redrive=True, is_backlog=True, uncounted=1, released_keys=(77,))
    came = [arrival(1, 2, 0, refused=1, refused_seqs=(3,), refused_keys=(77,)), back]
    figures = completeness(came)
    assert (figures.received, figures.applied, figures.quarantined) == (3, 3, 0)
    assert (figures.complete_to, figures.catching_up) == (at(0), 0)


def test_a_terminal_of_which_only_a_re_drive_came_is_not_heard() -> None:
    figures = completeness([arrival(1, 1, 500, is_redrive=True, is_backlog=True)])
    assert (figures.received, figures.complete_to, figures.catching_up) == (1, None, 0)


def test_one_terminal_is_judged_as_in_the_network() -> None:
    one = terminal_completeness([arrival(1, 2, 10, queued=3)])
    assert (one.complete_to, one.catching_up, one.queued) == (at(9), True, 3)
