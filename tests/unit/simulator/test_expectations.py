"""What must be seen, and when, told from hand-written lines."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kmonitor.fleet_simulator import truth

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
JAM = {"scenario": "jam", "what": "fault", "condition": "jammed", "detected_by": "faults"}
SILENT = {"scenario": "operator_down", "what": "status", "condition": "silent", "detected_by": "terminals"}


def at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def said(seq: int, seconds: float) -> dict[str, Any]:
    event = {"seq": seq, "type": "terminal.heartbeat.v1", "at": at(seconds)}
    return {"line": "said", "terminal": "T", "epoch": 7, "event": event}


def taken(first: int, last: int, seconds: float) -> dict[str, Any]:
    span = {"terminal": "T", "epoch": 7, "first": first, "last": last}
    return {"line": "taken", "received_at": at(seconds)} | span


def struck(trouble: dict[str, str], seconds: float, seq: int) -> dict[str, Any]:
    line = {"line": "expected", "name": "x", "terminals": ["T"], "moment": at(seconds)}
    return line | {"trouble": trouble, "evidence": [7, seq]}


def over(seconds: float, seq: int) -> dict[str, Any]:
    return {"line": "over", "name": "x", "moment": at(seconds), "evidence": [7, seq]}


def expected(folder: Path, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """With a report interval of 60 s."""
    began = {"line": "began", "run": 1, "seed": 1, "zones": {}, "skews": {}, "report_interval_s": 60}
    (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (began, *lines)))
    told: list[dict[str, Any]] = truth.read(folder)["expected"]
    return told


def test_a_fault_must_show_soon_after_its_event_was_taken_and_be_gone_after_its_cure(tmp_path: Path) -> None:
    (told,) = expected(
        tmp_path, said(1, 0), struck(JAM, 0, 1), taken(1, 1, 2), said(2, 600), over(600, 2), taken(2, 2, 601)
    )
    assert (told["what"], told["evidence"]) == ("fault", [["T", 7, 1]])
    assert (told["not_before"], told["not_later_than"], told["clears_by"]) == (at(0), at(12), at(611))


def test_what_arrives_as_backlog_must_show_at_the_first_live_event(tmp_path: Path) -> None:
    lines = said(1, 0), struck(JAM, 0, 1), said(2, 3600), taken(1, 1, 3590), taken(2, 2, 3601)
    (told,) = expected(tmp_path, *lines)
    assert (told["what"], told["not_later_than"], told["clears_by"]) == ("fault", at(3611), None)


def test_what_began_and_ended_in_a_backlog_is_history_and_no_fault(tmp_path: Path) -> None:
    lines = said(1, 0), struck(JAM, 0, 1), said(2, 600), over(600, 2), said(3, 3600), taken(1, 3, 3601)
    assert [told["what"] for told in expected(tmp_path, *lines)] == ["condition"]


def test_a_silence_counts_from_the_last_report(tmp_path: Path) -> None:
    lines = said(1, 0), taken(1, 1, 5), struck(SILENT, 30, 1), said(2, 900), over(900, 2), taken(2, 2, 901)
    (told,) = expected(tmp_path, *lines)
    assert (told["not_before"], told["not_later_than"], told["clears_by"]) == (at(155), at(165), at(911))


def test_a_silence_too_short_to_be_certain_is_not_expected(tmp_path: Path) -> None:
    lines = said(1, 0), taken(1, 1, 5), struck(SILENT, 30, 1), said(2, 150), over(150, 2), taken(2, 2, 160)
    assert expected(tmp_path, *lines) == []


def test_what_nobody_took_cannot_be_seen(tmp_path: Path) -> None:
    assert expected(tmp_path, said(1, 0), struck(JAM, 0, 1)) == []
