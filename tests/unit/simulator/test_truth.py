"""The truth of a ledger, told from hand-written lines."""

import json
from pathlib import Path
from typing import Any

from kmonitor.fleet_simulator import truth

NOON = "2026-11-22T12:30:00.000+03:00"


def ledger(folder: Path, *events: dict[str, Any], taken: int | None = None, wrong: float = 0.0) -> Path:
    """A ledger of terminal T; the first `taken` events (all, if not told) got their 202."""
    last = len(events) if taken is None else taken
    zones, clocks = {"T": "Europe/Moscow"}, {"T": wrong} if wrong else {}
    lines: list[dict[str, Any]] = [{"line": "began", "run": 1, "seed": 1, "zones": zones, "skews": clocks}]
    for seq, event in enumerate(events, 1):
        lines.append({"line": "said", "terminal": "T", "epoch": 7, "event": {"seq": seq, "at": NOON} | event})
    lines.append({"line": "taken", "terminal": "T", "epoch": 7, "first": 1, "last": last, "received_at": NOON})
    (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def accepted(payment_id: str, inserted: int = 100_00, **more: Any) -> dict[str, Any]:
    sums = {"inserted_minor": inserted, "credited_minor": inserted - 3_00, "fee_minor": 3_00, "change_minor": 0}
    names = {"service": "mobile.mts", "recipient": "mts", "method": "cash", "currency": "RUB"}
    return {"type": "payment.accepted.v1", "payment_id": payment_id} | names | sums | more


def test_money_is_told_by_terminal_service_local_hour_and_currency(tmp_path: Path) -> None:
    told = truth.read(ledger(tmp_path, accepted("a"), accepted("b"), accepted("c", currency="KZT")))
    assert [(row["hour"], row["currency"], row["payments"]) for row in told["money"]] == [
        ("2026-11-22T12", "KZT", 1),
        ("2026-11-22T12", "RUB", 2),
    ]
    assert told["money"][1]["credited_minor"] == 194_00


def test_cancelled_and_test_payments_count_nowhere(tmp_path: Path) -> None:
    cancelled = {"type": "payment.cancelled.v1", "payment_id": "a"}
    told = truth.read(ledger(tmp_path, accepted("a"), accepted("b", test=True), cancelled))
    assert told["money"] == []


def test_a_refund_is_booked_in_its_own_hour(tmp_path: Path) -> None:
    refunded = {
        "type": "payment.refunded.v1", "payment_id": "a", "refund_id": "r", "currency": "RUB",
        "credited_minor": 97_00, "fee_minor": 3_00, "at": "2026-11-22T15:00:00.000+03:00",
    }  # fmt: skip
    told = truth.read(ledger(tmp_path, accepted("a"), refunded))
    assert [(row["hour"], row["payments"], row["refunded_minor"]) for row in told["money"]] == [
        ("2026-11-22T12", 1, 0),
        ("2026-11-22T15", 0, 100_00),
    ]


def test_what_was_never_answered_is_listed_and_not_counted(tmp_path: Path) -> None:
    told = truth.read(ledger(tmp_path, accepted("a"), accepted("b"), taken=1))
    assert told["events"] == 1
    assert told["unanswered"] == [["T", 7, 2, 2]]


def test_a_wrong_clock_does_not_move_money_to_a_wrong_hour(tmp_path: Path) -> None:
    told = truth.read(ledger(tmp_path, accepted("a"), wrong=3600.0))
    assert told["money"][0]["hour"] == "2026-11-22T11"


def test_the_last_word_of_a_unit_is_its_condition(tmp_path: Path) -> None:
    validator = {"type": "device.reported.v1", "device": "bill_acceptor", "unit": "v", "protocol": "ccnet"}
    told = truth.read(ledger(tmp_path, validator | {"code": "14"}, validator | {"code": "43"}))
    assert told["units"] == [{"terminal": "T", "device": "bill_acceptor", "unit": "v", "condition": "jammed"}]


def note(denomination: int, unit: str = "v", payment_id: str | None = "a") -> dict[str, Any]:
    said = {"unit": unit, "currency": "RUB", "denomination_minor": denomination, "payment_id": payment_id}
    return {"type": "note.stacked.v1"} | said


def collected(unit: str, *contents: tuple[int, int]) -> dict[str, Any]:
    told = [{"currency": "RUB", "denomination_minor": kind, "count": count} for kind, count in contents]
    said = {"collection_id": "c", "unit": unit, "by": "crew-1", "bag": "1", "contents": told}
    return {"type": "cash.collected.v1"} | said


def test_a_box_holds_what_came_and_went_since_its_last_collection(tmp_path: Path) -> None:
    dispensed = {"type": "cash.dispensed.v1", "unit": "v", "currency": "RUB", "denomination_minor": 50_00}
    told = truth.read(
        ledger(
            tmp_path,
            note(100_00),
            note(100_00, "w"),
            collected("v", (100_00, 2)),
            note(50_00, payment_id=None),
            note(50_00),
            note(500_00),
            dispensed | {"count": 1, "payment_id": "a"},
        )
    )
    assert [(row["unit"], row["denomination_minor"], row["count"]) for row in told["cash"]] == [
        ("v", 50_00, 1),
        ("v", 500_00, 1),
        ("w", 100_00, 1),
    ]
    (collection,) = told["collections"]
    assert collection["expected"] == [{"currency": "RUB", "denomination_minor": 100_00, "count": 1}]
    assert collection["reported"] == [{"currency": "RUB", "denomination_minor": 100_00, "count": 2}]


def test_of_two_contents_of_one_number_the_first_counts_and_the_conflict_is_told(tmp_path: Path) -> None:
    folder = ledger(tmp_path, note(100_00))
    again = {"line": "said", "terminal": "T", "epoch": 7, "event": {"seq": 1, "at": NOON} | note(500_00)}
    with (folder / "ledger.jsonl").open("a") as file:
        file.write(json.dumps(again) + "\n")
    told = truth.read(folder)
    assert told["conflicts"] == [["T", 7, 1]]
    assert [row["denomination_minor"] for row in told["cash"]] == [100_00]


def test_procedures_are_told_with_who_did_them(tmp_path: Path) -> None:
    done = {"type": "procedure.performed.v1", "procedure": "z_report", "by": "schedule", "result": "failed"}
    (procedure,) = truth.read(ledger(tmp_path, done))["procedures"]
    assert (procedure["procedure"], procedure["by"], procedure["result"]) == ("z_report", "schedule", "failed")
