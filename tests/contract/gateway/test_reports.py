"""What a terminal is promised by POST /v1/reports."""

import gzip
import json
import zlib
from collections.abc import Callable

import httpx
import pytest
import zstandard
from gateway_process import Gateway, Kiosk, Office, is_problem, payment

UNREADABLE = {
    "not JSON": b"{nonsense",
    "empty": b"",
    "not UTF-8": b'{"terminal": "\xff\xfe"}',
    "no object": b"[1]",
    "NaN": b'{"terminal":"x","epoch":NaN,"sent_at":"2026-11-22T10:15:30Z","events":[]}',
    "10,000 levels": b"[" * 10_000 + b"]" * 10_000,
    "levels in events": b'{"terminal":"x","epoch":1,"sent_at":"2026-11-22T10:15:30Z","events":['
    + b"[" * 10_000,
    "a key repeated": b'{"terminal":"x","terminal":"y","epoch":1,"sent_at":"2026-11-22T10:15Z","events":[]}',
    "no events": b'{"terminal":"x","epoch":1,"sent_at":"2026-11-22T10:15:30Z"}',
    "a time without an offset": b'{"terminal":"x","epoch":1,"sent_at":"2026-11-22T10:15:30","events":[]}',
    "1e400": b'{"terminal":"x","epoch":1e400,"sent_at":"2026-11-22T10:15:30Z","events":[]}',
}


def test_a_report_is_accepted_and_stands_in_the_log_with_the_very_bytes(kiosk: Kiosk) -> None:
    event = (
        b'{ "seq":1,"type":"payment.completed.v1" ,"at":"2026-11-22T13:15:29Z","payment_id":"p","n":"\\u0444"}'
    )
    answer = kiosk.reports(event, queued=3)
    said = answer.json()
    assert answer.status_code == 202
    assert (said["accepted"], said["rejected"], said["report_interval_s"]) == (1, [], 60)
    (record,) = kiosk.logged()
    assert [bytes(each) for each in record.events] == [event]
    assert record.queued == 3
    assert record.received_at.isoformat().replace("+00:00", "Z") == said["received_at"]


def test_the_log_says_up_to_which_operation_the_gateway_knew(kiosk: Kiosk) -> None:
    kiosk.reports(payment(1))
    Office(kiosk.gateway).does(
        {"type": "terminal.updated.v1", "terminal": kiosk.terminal, "name": "x"}, f"u-{kiosk.terminal}"
    )
    kiosk.reports(payment(2))
    first, second = kiosk.logged()
    assert second.operations_up_to > first.operations_up_to >= 0


def test_the_answer_says_the_terminals_own_interval(kiosk: Kiosk, office: Office) -> None:
    operation = {"type": "terminal.updated.v1", "terminal": kiosk.terminal, "report_interval_s": 15}
    assert office.does(operation, f"interval-{kiosk.terminal}").status_code == 202
    assert kiosk.reports(payment(1)).json()["report_interval_s"] == 15


def test_an_empty_report_is_heard(kiosk: Kiosk) -> None:
    assert kiosk.reports().json()["accepted"] == 0
    assert len(kiosk.logged()) == 1


def test_unreadable_items_are_told_apart_and_kept_with_their_exact_bytes(kiosk: Kiosk) -> None:
    bad = {
        "unknown_type": b'{"seq": 2, "type": "no.such.v1", "at": "2026-11-22T13:15:29Z"}',
        "invalid_field": b'{"seq":3,"type":"payment.completed.v1","at":"2026-11-22T13:15:29Z","payment_id":7}',
        "not_an_object": b"42",
        "repeated_key": b'{"seq":5,"type":"payment.completed.v1","at":"2026-11-22T13:15:29Z",'
        b'"payment_id":"p","x":1,"x":2}',
        "impossible_time": b'{"seq":6,"type":"payment.failed.v1","at":"0001-11-22T13:15:29Z","payment_id":"p"}',
    }
    answer = kiosk.reports(payment(1), *bad.values())
    said = answer.json()
    assert (answer.status_code, said["accepted"]) == (202, 1)
    assert [each["index"] for each in said["rejected"]] == [1, 2, 3, 4, 5]
    assert [each["seq"] for each in said["rejected"]] == [2, 3, None, 5, 6]
    assert [each["reason"] for each in said["rejected"]] == list(bad)
    assert all(each["detail"] for each in said["rejected"])
    kept = kiosk.quarantined()
    assert [each.value for each in kept] == list(bad.values())
    assert [dict(each.headers)["reason"].decode() for each in kept] == list(bad)
    (record,) = kiosk.logged()
    assert [each.index for each in record.refused] == [1, 2, 3, 4, 5]


def test_a_report_whose_every_item_is_refused_is_heard(kiosk: Kiosk) -> None:
    assert kiosk.reports(b"1", b"null").json()["accepted"] == 0
    (record,) = kiosk.logged()
    assert (record.events, len(record.refused)) == ([], 2)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_of_an_unreadable_body_nothing_is_taken(kiosk: Kiosk, body: bytes) -> None:
    answer = kiosk.posts(body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert kiosk.logged() == []


def test_a_400_names_the_field(kiosk: Kiosk) -> None:
    assert is_problem(kiosk.reports(payment(1), epoch=-1), 400, "epoch")


@pytest.mark.parametrize("shown", ["", "Bearer", "Basic abc", "Bearer no-point", "Bearer unknown.secret"])
def test_without_a_known_credential_it_is_401(kiosk: Kiosk, shown: str) -> None:
    assert is_problem(kiosk.posts(kiosk.body(payment(1)), Authorization=shown), 401, "Authorization")


def test_a_wrong_secret_is_401(kiosk: Kiosk) -> None:
    wrong = kiosk.credential.partition(".")[0] + ".wrong"
    assert is_problem(kiosk.posts(kiosk.body(), Authorization=f"Bearer {wrong}"), 401, "Authorization")


def test_a_revoked_key_is_401(kiosk: Kiosk, office: Office) -> None:
    revoked = {"type": "terminal_key.revoked.v1", "terminal": kiosk.terminal}
    assert office.does(revoked, f"revoke-{kiosk.terminal}").status_code == 202
    assert kiosk.reports(payment(1)).status_code == 401


def test_another_terminals_credential_is_403(new_kiosk: Callable[[], Kiosk]) -> None:
    one, other = new_kiosk(), new_kiosk()
    assert is_problem(one.posts(other.body(payment(1))), 403, "terminal")
    assert other.logged() == []


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress), ("identity", bytes)],
)
def test_a_compressed_report_is_the_same_report(
    kiosk: Kiosk, encoding: str, packed: Callable[[bytes], bytes]
) -> None:
    body = kiosk.body(*(payment(seq) for seq in range(1, 200)))
    answer = kiosk.posts(packed(body), **{"Content-Encoding": encoding})
    assert answer.json()["accepted"] == 199


def test_a_chunked_report_is_the_same_report(kiosk: Kiosk) -> None:
    body = kiosk.body(*(payment(seq) for seq in range(1, 1000)))
    parts = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
    assert kiosk.posts(parts).json()["accepted"] == 999


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_another_encoding_is_415(kiosk: Kiosk, encoding: str) -> None:
    assert is_problem(kiosk.posts(b"x", **{"Content-Encoding": encoding}), 415, "Content-Encoding")


@pytest.mark.parametrize("media_type", ["text/plain", "application/json; charset=cp1251", ""])
def test_another_media_type_is_415(kiosk: Kiosk, media_type: str) -> None:
    assert is_problem(kiosk.posts(kiosk.body(), **{"Content-Type": media_type}), 415, "Content-Type")


def test_a_charset_of_utf_8_is_fine(kiosk: Kiosk) -> None:
    answer = kiosk.posts(kiosk.body(), **{"Content-Type": 'application/json; charset="UTF-8"'})
    assert answer.status_code == 202


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_not_in_its_encoding_is_400(kiosk: Kiosk, encoding: str) -> None:
    assert is_problem(kiosk.posts(b"plain", **{"Content-Encoding": encoding}), 400)


BOMB = b" " * 50_000_000
BOMBS = {"gzip": zlib.compress(BOMB, wbits=31), "zstd": zstandard.ZstdCompressor().compress(BOMB)}


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_is_413(kiosk: Kiosk, encoding: str) -> None:
    assert is_problem(kiosk.posts(BOMBS[encoding], **{"Content-Encoding": encoding}), 413)


def test_a_body_above_1_mib_is_413_said_or_chunked(kiosk: Kiosk) -> None:
    assert is_problem(kiosk.posts(b" " * (1024 * 1024 + 1)), 413)
    assert is_problem(kiosk.posts(b" " * 65536 for _ in range(100)), 413)


def test_too_many_events_are_413(kiosk: Kiosk) -> None:
    assert is_problem(kiosk.reports(*[b"1"] * 10_001), 413, "events")


def test_10_000_unreadable_items_are_all_kept(kiosk: Kiosk) -> None:
    assert len(kiosk.reports(*[b"%d" % number for number in range(10_000)]).json()["rejected"]) == 10_000
    assert len(kiosk.quarantined()) == 10_000


def test_a_card_number_is_stored_nowhere(kiosk: Kiosk) -> None:
    canary = "4539 1488-0343 6467"
    event = json.dumps(payment(1, note=canary, nested={canary: [4539148803436467]})).encode()
    refused = b'{"seq":2,"type":"no.such.v1","said":"\\u0034539148803436467"}'
    answer = kiosk.reports(event, refused)
    assert answer.headers["kmonitor-redacted"] == "4"
    (record,) = kiosk.logged()
    (kept,) = kiosk.quarantined()
    stored = bytes(record.events[0]) + (kept.value or b"")
    assert b"539148803436467" not in stored.replace(b" ", b"").replace(b"-", b"")
    assert b"card_" in (kept.value or b"")
    assert dict(kept.headers)["redacted"] == b"true"


def test_only_post_is_answered(gateway: Gateway) -> None:
    assert is_problem(httpx.get(f"{gateway.url}/v1/reports"), 405)


def test_an_unknown_path_is_a_problem_too(gateway: Gateway) -> None:
    assert is_problem(httpx.get(f"{gateway.url}/v1/nothing"), 404)


def test_the_openapi_document_shows_both_calls(gateway: Gateway) -> None:
    said = httpx.get(f"{gateway.url}/openapi.json").json()
    assert {"/v1/reports", "/v1/operations"} <= said["paths"].keys()
    assert "PaymentAccepted" in said["components"]["schemas"]


def test_metrics_say_when_to_worry(gateway: Gateway) -> None:
    assert "Worry when" in httpx.get(f"{gateway.url}/metrics").text
