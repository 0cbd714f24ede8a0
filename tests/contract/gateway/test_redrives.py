"""What the administrator is promised by POST /v1/redrives."""

from typing import Any

import httpx
import pytest
from builders import EPOCH
from gateway_process import ADMIN_TOKEN, Gateway, Kiosk, is_problem
from quarantining import refused_payment, write

from kmonitor.events.log import Redriven
from kmonitor.kafka.quarantine import bytes_identity

COFFEE = b'{"seq":3,"type":"coffee.brewed.v1","at":"2026-11-22T13:15:29Z"}'


def redrives(
    gateway: Gateway, identity: str, offset: int, dry_run: bool | str = False, **headers: str
) -> httpx.Response:
    said = {"Authorization": f"Bearer {ADMIN_TOKEN}"} | headers
    url = f"{gateway.url}/v1/redrives"
    body: dict[str, Any] = {"identity": identity, "offset": offset}
    return httpx.post(url, json=body, params={"dry_run": str(dry_run).lower()}, headers=said, timeout=10)


def test_what_can_be_read_now_stands_in_the_log_with_the_very_bytes(gateway: Gateway, name: str) -> None:
    entry = refused_payment(name, 5)
    (offset,) = write(gateway.bootstrap, entry, with_report=False)
    answer = redrives(gateway, entry.identity, offset)
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["identity"], said["terminal"], said["epoch"]) == (entry.identity, name, entry.epoch)
    assert said["events"] == [{"seq": 5, "type": "payment.accepted.v1"}]
    (record,) = Kiosk(gateway, name, "").logged()
    assert [bytes(each) for each in record.events] == [entry.value]
    assert isinstance(record.redriven, Redriven)
    assert (record.redriven.identity, record.redriven.by) == (entry.identity, "admin")
    assert record.received_at == record.sent_at


def test_a_dry_run_only_says(gateway: Gateway, name: str) -> None:
    entry = refused_payment(name, 5)
    (offset,) = write(gateway.bootstrap, entry, with_report=False)
    answer = redrives(gateway, entry.identity, offset, dry_run=True)
    assert (answer.status_code, answer.json()["position"]) == (200, None)
    assert Kiosk(gateway, name, "").logged() == []


def test_what_still_cannot_be_read_is_422_with_the_reason_and_nothing_happens(kiosk: Kiosk) -> None:
    kiosk.reports(COFFEE)
    (kept,) = kiosk.quarantined()
    identity = dict(kept.headers)["identity"].decode()
    answer = redrives(kiosk.gateway, identity, kept.offset)
    assert is_problem(answer, 422)
    assert "unknown_type" in answer.json()["detail"]
    assert len(kiosk.logged()) == 1


def test_a_refusal_in_the_log_says_the_identity_of_its_entry_and_the_entry_the_report_s_clock(
    kiosk: Kiosk,
) -> None:
    kiosk.reports(COFFEE)
    (report,), (kept,) = kiosk.logged(), kiosk.quarantined()
    assert [each.identity for each in report.refused] == [bytes_identity(kiosk.terminal, EPOCH, COFFEE)]
    assert dict(kept.headers)["identity"].decode() == report.refused[0].identity
    assert dict(kept.headers)["sent_at"] == b"2026-11-22T10:15:30.125000Z"


def test_a_card_number_from_before_the_mask_is_masked_now(gateway: Gateway, name: str) -> None:
    entry = refused_payment(name, 5, note="4539 1488 0343 6467")
    (offset,) = write(gateway.bootstrap, entry, with_report=False)
    assert redrives(gateway, entry.identity, offset).status_code == 202
    (record,) = Kiosk(gateway, name, "").logged()
    assert b"6467" not in bytes(record.events[0])
    assert b"card_" in bytes(record.events[0])


@pytest.mark.parametrize("shift", [0, 1, 10**6, 2**61])
def test_another_identity_or_place_is_404(gateway: Gateway, name: str, shift: int) -> None:
    entry = refused_payment(name, 5)
    (offset,) = write(gateway.bootstrap, entry, with_report=False)
    assert is_problem(redrives(gateway, "another", offset + shift), 404, "identity")


@pytest.mark.parametrize("shown", ["", "Bearer wrong"])
def test_without_the_administrators_token_it_is_401(gateway: Gateway, shown: str) -> None:
    assert is_problem(redrives(gateway, "x", 0, Authorization=shown), 401, "Authorization")


def test_a_terminal_s_key_opens_no_quarantine(kiosk: Kiosk) -> None:
    shown = f"Bearer {kiosk.credential}"
    assert is_problem(redrives(kiosk.gateway, "x", 0, Authorization=shown), 401, "Authorization")


def test_what_is_no_request_is_400(gateway: Gateway) -> None:
    assert is_problem(redrives(gateway, "x", -1), 400, "offset")
    assert is_problem(redrives(gateway, "x", 0, dry_run="perhaps"), 400, "dry_run")
