"""Where the next run goes on, told from hand-written ledgers."""

import json
from pathlib import Path
from typing import Any

from kmonitor.fleet_simulator.ledger import Remembered, remember

NOON = "2026-11-22T12:00:00.000+00:00"


def said(seq: int, epoch: int = 7, **more: Any) -> dict[str, Any]:
    event = {"seq": seq, "type": "terminal.heartbeat.v1", "at": NOON} | more
    return {"line": "said", "terminal": "T", "epoch": epoch, "event": event}


def taken(first: int, last: int, epoch: int = 7) -> dict[str, Any]:
    span = {"terminal": "T", "epoch": epoch, "first": first, "last": last}
    return {"line": "taken", "received_at": NOON} | span


def remembered(folder: Path, *lines: dict[str, Any]) -> Remembered:
    began = {"line": "began", "run": 1, "seed": 1, "zones": {}, "skews": {"T": 0.0}}
    (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (began, *lines)))
    return remember(folder)


def test_the_boxes_hold_what_the_last_run_left_in_them(tmp_path: Path) -> None:
    note: dict[str, Any] = {"type": "note.stacked.v1", "unit": "v", "denomination_minor": 5_000}
    known = remembered(
        tmp_path,
        said(1, **note),
        said(2, type="cash.collected.v1", unit="v"),
        said(3, **note),
        said(4, **note),
        said(5, type="cash.dispensed.v1", unit="v", denomination_minor=5_000, count=1),
    )
    assert known.places["T"].boxes == {"v": {5_000: 1}}


def test_a_reinstalled_terminal_goes_on_in_its_newest_epoch(tmp_path: Path) -> None:
    known = remembered(tmp_path, said(1), said(2), taken(1, 2), said(1, epoch=9), taken(1, 1, epoch=9))
    place = known.places["T"]
    assert (place.epoch, place.seq, place.waiting) == (9, 1, [])


def test_both_contents_of_a_number_wait_until_each_was_answered(tmp_path: Path) -> None:
    lines = said(1), said(2), said(2, unit="again"), said(3)
    waiting = remembered(tmp_path, *lines).places["T"].waiting
    assert [(event.seq, b"again" in event.raw) for event in waiting] == [
        (1, False),
        (2, False),
        (2, True),
        (3, False),
    ]
    assert waiting[1].stamp is not waiting[2].stamp is waiting[3].stamp
    left = remembered(tmp_path, *lines, taken(1, 2)).places["T"].waiting
    assert [(event.seq, b"again" in event.raw) for event in left] == [(2, True), (3, False)]


def test_events_of_a_wrong_clock_wait_with_its_skew(tmp_path: Path) -> None:
    wrong = {"line": "clock", "terminal": "T", "skew_s": 600.0}
    waiting = remembered(tmp_path, said(1), wrong, said(2)).places["T"].waiting
    assert [event.stamp.skew_s for event in waiting] == [0.0, 600.0]
