"""What a re-drive does to the counts: each entry of the quarantine moves once."""

from typing import Any

from builders import EPOCH, TERMINAL, heartbeat, report

from kmonitor.domain.sequences import Seen
from kmonitor.event_archive.accounting import Before, account
from kmonitor.event_archive.judging import Judged, judge, place_key, refusal_key
from kmonitor.event_archive.reading import Heard
from kmonitor.events.codec import decode_raw_record, encode
from kmonitor.events.log import Redriven, Refusal, Report, Tick

REFUSAL = Refusal(index=0, seq=5, reason="unknown_type", identity="i-5")
ENTRY = Redriven(identity="i-5", by="admin", index=0, seq=5, reason="unknown_type")


def brought_back(seq: int = 5, entry: Redriven = ENTRY, **said: Any) -> Report:
    return report(heartbeat(seq), redriven=entry, **said)


def refused_before(refusal: Refusal = REFUSAL) -> Before:
    before = Before()
    before.learn({refusal_key(EPOCH, refusal)}, set(), set())
    return before


def settled(
    said: Report, before: Before, seen: dict[int, Seen] | None = None, *, is_same: bool = True
) -> Judged:
    raw = decode_raw_record(encode(said))
    assert not isinstance(raw, Tick)
    judged = judge(Heard(0, 9, said, raw), {} if seen is None else seen)
    for _, item in judged.compare:
        if is_same:
            judged.duplicates += 1
        else:
            judged.conflicts.append((item, 77))
    account(judged, before)
    return judged


def deltas(judged: Judged) -> tuple[int, int, int, int]:
    """Received, applied, duplicate, quarantined: what a report adds to each."""
    said = judged.heard.report
    received = len(said.events) + len(said.refused) - judged.uncounted
    quarantined = len(judged.refused_keys) + len(judged.conflict_keys) - len(judged.released_keys)
    return received, len(list(judged.applied)), judged.duplicates, quarantined


def test_the_first_re_drive_moves_the_entry_from_quarantined_to_applied() -> None:
    judged = settled(brought_back(), refused_before())
    assert deltas(judged) == (0, 1, 0, -1)
    assert judged.redriven == ENTRY


def test_a_repeated_one_changes_nothing_at_all() -> None:
    before, seen = refused_before(), dict[int, Seen]()
    settled(brought_back(), before, seen)
    again = settled(brought_back(), before, seen)
    assert (deltas(again), again.redriven) == ((0, 0, 0, 0), None)


def test_an_entry_whose_refusal_the_log_does_not_hold_is_received_now() -> None:
    before, seen = Before(), dict[int, Seen]()
    assert deltas(settled(brought_back(), before, seen)) == (1, 1, 0, 0)
    assert deltas(settled(brought_back(), before, seen)) == (0, 0, 0, 0)


def test_what_had_come_readable_meanwhile_moves_to_duplicate() -> None:
    judged = settled(brought_back(), refused_before(), {EPOCH: Seen(((5, 5),))})
    assert deltas(judged) == (0, 0, 1, -1)


def test_what_contradicts_an_earlier_word_stays_in_quarantine() -> None:
    judged = settled(brought_back(), refused_before(), {EPOCH: Seen(((5, 5),))}, is_same=False)
    assert (deltas(judged), judged.redriven, judged.conflicts) == ((0, 0, 0, 0), None, [])


def test_a_refusal_from_before_it_said_its_identity_is_known_by_its_place() -> None:
    before = Before()
    before.learn({place_key(EPOCH, 0, 5, "unknown_type")}, set(), set())
    assert deltas(settled(brought_back(), before)) == (0, 1, 0, -1)


def test_an_item_without_a_readable_number_comes_back_with_one() -> None:
    entry = Redriven(identity="i-x", by="admin", index=3, reason="invalid_json")
    before = refused_before(Refusal(index=3, seq=None, reason="invalid_json", identity="i-x"))
    assert deltas(settled(brought_back(8, entry), before)) == (0, 1, 0, -1)


def test_refused_once_more_after_it_came_back_it_had_come_before() -> None:
    before = Before()
    settled(brought_back(), before)
    assert refusal_key(EPOCH, REFUSAL) in before.keys


def test_a_whole_record_is_received_when_it_can_be_read() -> None:
    entry = Redriven(identity="kmonitor.terminal-events.v1/3/41", by="admin")
    record = report(heartbeat(1), heartbeat(2), refused=[REFUSAL], redriven=entry, terminal=TERMINAL)
    before, seen = Before(), dict[int, Seen]()
    first, again = settled(record, before, seen), settled(record, before, seen)
    assert (deltas(first), deltas(again)) == ((3, 2, 0, 1), (0, 0, 0, 0))
    assert (first.redriven, again.redriven) == (entry, None)


def test_two_entries_that_an_older_log_counts_as_one_take_out_one() -> None:
    before, seen = Before(), dict[int, Seen]()
    before.learn({place_key(EPOCH, 0, 5, "unknown_type")}, set(), set())
    other = Redriven(identity="i-other", by="admin", index=0, seq=5, reason="unknown_type")
    assert deltas(settled(brought_back(5), before, seen)) == (0, 1, 0, -1)
    assert deltas(settled(brought_back(6, other), before, seen)) == (1, 1, 0, 0)
