"""What a terminal's state says after its reports."""

from builders import (
    EPOCH,
    TERMINAL,
    at,
    heartbeat,
    note,
    payment,
    printer,
    redrive,
    report,
    started,
    stopped,
    validator,
)

from kmonitor.domain.terminal.cash_box import notes_in
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.log import Report


def after(*reports: Report) -> TerminalState:
    state = TerminalState(terminal=TERMINAL)
    for offset, each in enumerate(reports):
        state = after_report(state, each, partition=3, offset=offset)
    return state


def test_the_newest_word_of_a_unit_holds() -> None:
    state = after(report(printer(1, "jammed"), printer(2, "ok")))
    assert state.units["receipt_printer/printer-1"].condition == "ok"


def test_a_late_event_does_not_overwrite_newer_truth_of_its_register() -> None:
    state = after(report(printer(5, "ok")), report(printer(4, "jammed")))
    assert state.units["receipt_printer/printer-1"].condition == "ok"


def test_a_late_event_counts_where_nothing_newer_is_known() -> None:
    state = after(report(heartbeat(9)), report(validator(4, "43")))
    assert state.units["bill_acceptor/validator-1"].code == "43"


def test_a_report_sent_again_changes_nothing_but_when_it_was_heard() -> None:
    once = after(report(note(1), payment(2)))
    twice = after(report(note(1), payment(2)), report(note(1), payment(2)))
    assert (twice.boxes, twice.seen, twice.last_payment_at) == (once.boxes, once.seen, once.last_payment_at)


def test_the_first_of_two_contents_under_one_identity_counts() -> None:
    state = after(report(note(1, 10_000)), report(note(1, 500_000), printer(2, "ok")))
    assert [(notes.denomination_minor, notes.count) for notes in notes_in(state.boxes)] == [(10_000, 1)]


def test_a_record_that_the_state_includes_is_skipped() -> None:
    state = after(report(note(1)), report(note(2)))
    assert after_report(state, report(note(3)), partition=3, offset=1) is state


def test_a_new_epoch_is_newer_than_any_sequence_number_of_the_old() -> None:
    state = after(report(printer(900, "jammed")), report(printer(1, "ok"), epoch=EPOCH + 1))
    assert state.units["receipt_printer/printer-1"].condition == "ok"


def test_a_re_driven_report_counts_and_is_not_the_terminal_speaking() -> None:
    heard = after(report(heartbeat(1), received=10, queued=3))
    back = redrive(note(2, seconds=5), received=900, sent_at=at(100), queued=9)
    state = after(report(heartbeat(1), received=10, queued=3), back)
    assert state.seen[EPOCH].last == 2
    assert [notes.count for notes in notes_in(state.boxes)] == [1]
    for name in ("queued", "clock", "first_received_at", "last_received_at"):
        assert getattr(state, name) == getattr(heard, name)
    assert (state.offset, state.last_event_at) == (1, at(805))


def test_a_terminal_of_which_only_a_re_drive_came_was_never_heard() -> None:
    assert after(redrive(note(1))).first_received_at is None


def test_a_wrong_clock_is_flagged_and_its_events_are_dated_by_their_age() -> None:
    hour = 3600
    state = after(report(payment(1, seconds=-hour - 30), sent_at=at(-hour)))
    assert (state.clock.wrong, state.clock.skew_s, state.last_payment_at) == (True, hour, at(-30))


def test_a_terminal_is_off_until_it_says_anything_newer() -> None:
    off = after(report(heartbeat(1), stopped(2)))
    on = after(report(heartbeat(1), stopped(2)), report(started(3)))
    assert (off.is_off, on.is_off) == (True, False)


def test_a_late_event_does_not_switch_a_terminal_on() -> None:
    assert after(report(stopped(5)), report(heartbeat(4))).is_off
