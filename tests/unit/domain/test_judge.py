"""What opens and clears a fault, and what must not."""

from datetime import UTC, datetime

from builders import EPOCH, TERMINAL, at, dictionary, heartbeat, payment, printer, redrive, report, validator

from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults, diagnose
from kmonitor.domain.faults.judge import Circumstances, judge_report, judge_silence
from kmonitor.domain.faults.presence import Heard
from kmonitor.events.log import Report

DICTIONARY = dictionary()


def judged(*reports: Report, interval_s: int = 60) -> tuple[TerminalFaults, list[FaultEvent]]:
    faults, published = TerminalFaults(terminal=TERMINAL), []
    for each in reports:
        faults, events = judge_report(faults, each, each.events, Circumstances(interval_s, 0, DICTIONARY))
        published += events
    return faults, published


def open_conditions(faults: TerminalFaults) -> list[str]:
    return sorted(fault.condition for fault in faults.open.values())


def kinds(published: list[FaultEvent]) -> list[tuple[str, str]]:
    return [(event.kind, event.fault.condition) for event in published]


def test_a_jam_reported_by_code_raises_at_once() -> None:
    faults, published = judged(report(validator(1, "43")))
    assert open_conditions(faults) == ["jammed"]
    assert published[0].fault.evidence == [f"{TERMINAL}/{EPOCH}/1"]
    assert published[0].fault.money_risk


def test_a_repaired_printer_clears_the_fault() -> None:
    faults, published = judged(report(printer(1, "jammed")), report(printer(2, "ok"), received=60))
    assert open_conditions(faults) == []
    assert kinds(published) == [("raised", "jammed"), ("cleared", "jammed")]
    assert published[1].fault.cleared_at == at(60)


def test_a_jam_that_arrives_after_a_newer_heartbeat_still_shows() -> None:
    faults, _ = judged(report(heartbeat(7)), report(validator(6, "43")))
    assert open_conditions(faults) == ["jammed"]


def test_a_jam_older_than_the_repair_does_not_raise() -> None:
    faults, published = judged(report(printer(7, "ok")), report(printer(6, "jammed")))
    assert (open_conditions(faults), published) == ([], [])


def test_a_jam_and_its_repair_in_one_report_are_both_told() -> None:
    _, published = judged(report(printer(1, "jammed"), printer(2, "ok")))
    assert kinds(published) == [("raised", "jammed"), ("cleared", "jammed")]


def test_the_same_word_again_keeps_the_fault_and_its_first_cause() -> None:
    once, _ = judged(report(validator(1, "43")))
    again, published = judged(report(validator(1, "43")), report(validator(2, "43"), received=60))
    assert [fault.fault_id for fault in again.open.values()] == [fault.fault_id for fault in once.open.values()]
    assert len(published) == 1


def test_a_backlog_neither_raises_nor_clears_while_it_drains() -> None:
    hour = 3600
    faults, published = judged(
        report(printer(1, "jammed")),
        report(validator(2, "43", -hour), printer(3, "ok", -hour), queued=40),
    )
    assert (open_conditions(faults), len(published)) == (["jammed"], 1)


def test_the_state_a_backlog_ends_in_is_judged_at_the_first_live_event() -> None:
    faults, published = judged(
        report(validator(1, "14", -3600), validator(2, "43", -3000), validator(3, "43", -2000)),
        report(heartbeat(4)),
    )
    assert (open_conditions(faults), kinds(published)) == (["jammed"], [("raised", "jammed")])


def test_a_re_drive_is_old_news_however_young_its_events_are() -> None:
    faults, published = judged(report(printer(1, "jammed")), redrive(validator(2, "43"), printer(3, "ok")))
    assert (open_conditions(faults), kinds(published)) == (["jammed"], [("raised", "jammed")])
    faults, _ = judged(redrive(validator(2, "43")), report(heartbeat(3)))
    assert open_conditions(faults) == ["jammed"]


def test_money_that_a_re_drive_brings_is_judged_as_ever() -> None:
    faults, _ = judged(redrive(payment(1, 500, inserted_minor=900)))
    assert open_conditions(faults) == ["sums_differ"]


def test_an_unknown_code_is_no_fault_and_never_guessed() -> None:
    faults, _ = judged(report(validator(1, "E7"), printer(2, "melancholic")))
    assert open_conditions(faults) == []
    unit = faults.units["bill_acceptor/validator-1"]
    assert (DICTIONARY.condition_of(unit), unit.code) == ("unknown", "E7")


def test_sums_that_do_not_add_up_are_a_fault_with_money_risk() -> None:
    faults, _ = judged(report(payment(1, 50_000, inserted_minor=60_000)))
    assert [(fault.rule, fault.money_risk) for fault in faults.open.values()] == [("payment_sums", True)]


def test_silence_is_one_fault_and_the_next_report_clears_it() -> None:
    heard = Heard(passed_ms=0, received_at=at(0), offset=17)
    silent, raised = judge_silence(TerminalFaults(terminal=TERMINAL), heard, at(151))
    _, again = judge_silence(silent, heard, at(152))
    by = Circumstances(60, 0, DICTIONARY)
    spoken, cleared = judge_report(silent, report(heartbeat(5), received=200), [heartbeat(5)], by)
    assert (kinds(raised), again, kinds(cleared)) == ([("raised", "silent")], [], [("cleared", "silent")])
    assert spoken.quiet_since == at(200)


def test_a_re_drive_ends_no_silence() -> None:
    heard = Heard(passed_ms=0, received_at=at(0), offset=0)
    faults, _ = judge_silence(TerminalFaults(terminal=TERMINAL), heard, at(200))
    back = redrive(heartbeat(1), received=300)
    assert judge_report(faults, back, back.events, Circumstances(60, 0, DICTIONARY)) == (faults, [])


def test_a_fault_has_the_same_id_in_every_replay() -> None:
    first, _ = judged(report(validator(1, "43")))
    second = diagnose(TERMINAL, first.units, datetime.now(UTC), DICTIONARY)
    assert {fault.fault_id for fault in first.open.values()} == {fault.fault_id for fault in second.values()}
