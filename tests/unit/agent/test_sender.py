"""The sender keeps the order, repeats what was not answered, and lets one bad event stop nobody."""

import threading
from pathlib import Path

import pytest
from builders import NOON, TERMINAL
from unit.agent.kiosk import FarGateway, a_sender, a_spool, an_intake, paid, problem, ready, send_all

from kmonitor.events.codec import decode, read_report
from kmonitor.events.log import ReportBody
from kmonitor.local.ports import wait_until
from kmonitor.terminal_agent.errors import SpoolFull
from kmonitor.terminal_agent.gateway import Answer
from kmonitor.terminal_agent.reports import Compression, compress, report
from kmonitor.terminal_agent.spool import Batch, Event, Spool
from kmonitor.terminal_agent.status import Status

COMPRESSIONS: tuple[Compression, ...] = ("gzip", "zstd")


def fill(spool: Spool, count: int) -> None:
    spool.take(ready(*[paid(f"p-{number}") for number in range(1, count + 1)]))


def numbers(gateway: FarGateway) -> list[int]:
    return [each["seq"] for each in gateway.log]


def test_a_report_says_whose_it_is_and_what_still_waits() -> None:
    body = report('M"1', Batch(7, [Event(1, b'{"seq":1}'), Event(2, b'{"seq":2}')], 5), NOON)
    said = decode(body, ReportBody)
    assert (said.terminal, said.epoch, said.sent_at, said.queued, len(said.events)) == ('M"1', 7, NOON, 5, 2)


def test_a_body_is_compressed_as_it_says() -> None:
    assert compress(b"x", "none") == (b"x", {"Content-Type": "application/json"})
    for compression in COMPRESSIONS:
        packed, said = compress(b"x" * 1000, compression)
        assert said["Content-Encoding"] == compression
        assert len(packed) < 100


def test_all_is_sent_in_order_and_in_batches(tmp_path: Path) -> None:
    gateway = FarGateway()
    with a_spool(tmp_path) as spool:
        fill(spool, 20)
        send_all(spool, a_sender(spool, gateway))
    assert numbers(gateway) == list(range(1, 21))
    assert gateway.sizes == [8, 8, 4]


def test_what_was_not_answered_is_sent_again_with_the_same_bytes(tmp_path: Path) -> None:
    gateway = FarGateway(["away", "answer lost", "busy"])
    with a_spool(tmp_path) as spool:
        fill(spool, 3)
        send_all(spool, a_sender(spool, gateway))
    assert numbers(gateway) == [1, 2, 3, 1, 2, 3]
    assert gateway.log[:3] == gateway.log[3:]


def test_a_try_in_vain_says_how_long_to_wait(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        sender = a_sender(spool, FarGateway(["away", "away", "busy"]))
        # The chance is 1 here: the longest of each kind.
        assert [sender.send_some(tries) for tries in (0, 1, 2)] == [1.0, 2.0, 7 * 1.2]


def test_the_gateways_interval_is_obeyed(tmp_path: Path) -> None:
    status = Status(60)
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        send_all(spool, a_sender(spool, FarGateway(), status))
    assert status.report_interval_s == 30
    assert status.last_answer is not None


def test_a_refused_key_is_shown_until_it_is_mended(tmp_path: Path) -> None:
    status = Status(60)
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        pause = a_sender(spool, lambda _, __: problem(401), status).send_some()
        assert pause == 60
        assert "401" in status.troubles["gateway"]
        a_sender(spool, FarGateway(), status).send_some()
    assert status.troubles == {}
    assert status.last_error is not None


def test_rejected_events_are_answered_and_the_others_taken(tmp_path: Path) -> None:
    gateway = FarGateway()
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a"), {"type": "iris.scanned.v2"}, paid("b")))
        send_all(spool, a_sender(spool, gateway))
        assert numbers(gateway) == [1, 3]
        assert spool.counts().rejected == 1


def test_one_event_that_spoils_every_report_is_set_aside_and_the_others_pass(tmp_path: Path) -> None:
    gateway, status = FarGateway(unreadable="p-13"), Status(60)
    with a_spool(tmp_path) as spool:
        fill(spool, 20)
        send_all(spool, a_sender(spool, gateway, status))
        assert numbers(gateway) == [seq for seq in range(1, 21) if seq != 13]
        assert spool.counts().set_aside == 1
        assert spool.reconsider() == 1


def test_reports_grow_again_after_they_had_to_be_small(tmp_path: Path) -> None:
    gateway = FarGateway(unreadable="p-13")
    with a_spool(tmp_path) as spool:
        fill(spool, 60)
        send_all(spool, a_sender(spool, gateway))
    assert gateway.sizes[-3:-1] == [8, 8]


def test_nothing_is_set_aside_when_every_report_is_refused(tmp_path: Path) -> None:
    status = Status(60)
    with a_spool(tmp_path) as spool:
        fill(spool, 2)
        sender = a_sender(spool, lambda _, __: problem(400), status)
        assert [sender.send_some(), sender.send_some()] == [None, 60]
        assert (spool.queued, spool.counts().set_aside) == (2, 0)
        assert "for every report" in status.troubles["gateway"]


def test_nothing_is_set_aside_on_the_word_of_something_between(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        sender = a_sender(spool, lambda _, __: Answer(413, "", "text/html", b"nginx"))
        assert sender.send_some() == 60
        assert (spool.queued, spool.counts().set_aside) == (1, 0)


def test_a_disk_too_full_to_forget_on_costs_patience_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(*_: object) -> None:
        raise SpoolFull("the disk is full")

    gateway = FarGateway()
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        monkeypatch.setattr(spool, "forget", on_a_full_disk)
        assert a_sender(spool, gateway).send_some() == 1.0
        assert spool.queued == 1


def test_an_event_that_matters_wakes_the_sender_and_a_heartbeat_does_not(tmp_path: Path) -> None:
    woken: list[None] = []
    with a_spool(tmp_path) as spool:
        intake = an_intake(spool, lambda: woken.append(None))
        intake.say("terminal.heartbeat.v1")
        assert woken == []
        intake.say("device.reported.v1", device="receipt_printer", unit="p", condition="jammed")
        assert len(woken) == 1


def test_a_full_batch_wakes_the_sender(tmp_path: Path) -> None:
    woken: list[None] = []
    with a_spool(tmp_path) as spool:
        intake = an_intake(spool, lambda: woken.append(None))
        for _ in range(100):
            assert woken == []
            intake.say("session.ended.v1", outcome="paid")
        assert len(woken) == 1


def test_its_thread_sends_when_woken_and_once_more_when_it_ends(tmp_path: Path) -> None:
    gateway = FarGateway()
    with a_spool(tmp_path) as spool:
        sender = a_sender(spool, gateway)
        thread = threading.Thread(target=sender.run)
        thread.start()
        fill(spool, 1)
        sender.wake()
        assert wait_until(lambda: numbers(gateway) == [1], 5)
        fill(spool, 1)
        sender.finish()
        thread.join(5)
        assert not thread.is_alive()
    assert numbers(gateway) == [1, 2]


def test_an_end_during_a_pause_is_one_more_try(tmp_path: Path) -> None:
    gateway, status = FarGateway(["away"]), Status(60)
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        sender = a_sender(spool, gateway, status)
        thread = threading.Thread(target=sender.run)
        thread.start()
        sender.wake()
        assert wait_until(lambda: "gateway" in status.troubles, 5)
        sender.finish()
        thread.join(5)
        assert not thread.is_alive()
    assert numbers(gateway) == [1]


def test_it_ends_soon_though_nobody_answers(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, 1)
        sender = a_sender(spool, FarGateway(["away"] * 100))
        thread = threading.Thread(target=sender.run)
        thread.start()
        sender.wake()
        sender.finish()
        thread.join(5)
        assert not thread.is_alive()
        assert spool.queued == 1


def test_the_report_of_a_real_spool_is_one_that_the_gateways_codec_reads(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, 3)
        read = read_report(report(TERMINAL, spool.oldest(10, 10_000), NOON))
    assert (len(read.accepted), read.refused) == (3, [])
