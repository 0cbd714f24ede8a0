"""Time passes in every partition of the log, and the gateway stops as it is asked to."""

import os
import signal
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway_process import Gateway, Kiosk, payment, ticks

from kmonitor.events.log import Tick
from kmonitor.local.ports import wait_until


def test_each_second_every_partition_gets_a_tick(kafka: str, tmp_path: Path) -> None:
    begun_at = datetime.now(UTC)
    with Gateway(kafka, tmp_path):
        assert wait_until(lambda: sum(tick.at >= begun_at for _, tick in ticks(kafka)) >= 12 * 4, 20)
    seen = defaultdict(list)
    for record, tick in ticks(kafka):
        assert record.key is None
        # Gateways of earlier tests may have ticked side by side.
        if tick.at >= begun_at:
            seen[record.partition].append(tick)
    assert sorted(seen) == list(range(12))
    for each in seen.values():
        assert [tick.at for tick in each] == sorted(tick.at for tick in each)
        assert not each[-1].refusing


def test_the_first_tick_after_nobody_could_report_says_so(kafka: str, tmp_path: Path) -> None:
    begun_at = datetime.now(UTC)
    with Gateway(kafka, tmp_path) as gateway:
        assert wait_until(lambda: len(since(kafka, begun_at)) > 1, 20)
        assert since(kafka, begun_at)[0].refusing
        os.kill(gateway.pid, signal.SIGSTOP)
        stopped_at = datetime.now(UTC)
        assert wait_until(lambda: datetime.now(UTC) - stopped_at > timedelta(seconds=4), 10)
        woken_at = datetime.now(UTC)
        os.kill(gateway.pid, signal.SIGCONT)
        assert wait_until(lambda: bool(since(kafka, woken_at)), 20)
    assert since(kafka, woken_at)[0].refusing


def since(kafka: str, moment: datetime) -> list[Tick]:
    """The ticks from a moment on, of the first partition."""
    return [tick for record, tick in ticks(kafka) if record.partition == 0 and tick.at >= moment]


def test_a_terminals_records_share_a_partition_with_its_ticks(kafka: str, tmp_path: Path) -> None:
    with Gateway(kafka, tmp_path) as gateway:
        kiosk = Kiosk.registered(gateway, "in-one-place")
        assert {kiosk.reports(payment(seq)).status_code for seq in range(1, 6)} == {202}
        assert len({record.partition for record in kiosk.log_records()}) == 1


def test_it_ends_cleanly_when_asked_to(kafka: str, tmp_path: Path) -> None:
    gateway = Gateway(kafka, tmp_path).start()
    assert gateway.stop() == 0
    assert "Traceback" not in gateway.log.read_text()
