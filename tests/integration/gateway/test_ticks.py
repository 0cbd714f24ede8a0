"""Time passes in every partition of the log, and the gateway stops as it is asked to."""

from collections import defaultdict
from pathlib import Path

from gateway_process import Gateway, Kiosk, payment, ticks

from kmonitor.local.ports import wait_until


def test_each_second_every_partition_gets_a_tick(kafka: str, tmp_path: Path) -> None:
    with Gateway(kafka, tmp_path):
        before = len(ticks(kafka))
        assert wait_until(lambda: len(ticks(kafka)) >= before + 12 * 4, 20)
    seen = defaultdict(list)
    for record, tick in ticks(kafka):
        assert record.key is None
        seen[record.partition].append(tick)
    assert sorted(seen) == list(range(12))
    for each in seen.values():
        steps = [
            (later.at - sooner.at).total_seconds() for sooner, later in zip(each[-3:], each[-2:], strict=False)
        ]
        assert all(0.5 < step < 2.5 for step in steps), steps
        assert not any(tick.refusing for tick in each[-3:])


def test_a_terminals_records_share_a_partition_with_its_ticks(kafka: str, tmp_path: Path) -> None:
    with Gateway(kafka, tmp_path) as gateway:
        kiosk = Kiosk.registered(gateway, "in-one-place")
        assert {kiosk.reports(payment(seq)).status_code for seq in range(1, 6)} == {202}
        assert len({record.partition for record in kiosk.log_records()}) == 1


def test_it_ends_cleanly_when_asked_to(kafka: str, tmp_path: Path) -> None:
    gateway = Gateway(kafka, tmp_path).start()
    assert gateway.stop() == 0
    assert "Traceback" not in gateway.log.read_text()
