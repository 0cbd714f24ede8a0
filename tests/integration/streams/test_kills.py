"""What a stream processor promises while it, its broker or both are killed."""

import random
import threading

from integration.streams.stream_run import Run

from kmonitor.local.kafka import Broker


class Sender:
    """Sends numbers at a steady pace until it is told to stop."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        assert self._run.producer.flush(60) == 0

    def runs_for(self, seconds: float) -> None:
        """Lets it send."""
        self._stop.wait(seconds)

    def _send(self) -> None:
        number = 0
        while not self._stop.wait(0.02):
            for _ in range(20):
                self._run.send(f"k{number % 61}", str(number))
                number += 1


def test_no_kill_of_the_worker_changes_a_total(run: Run) -> None:
    chance = random.Random(5)
    with Sender(run) as sender:
        for _ in range(4):
            worker = run.ready_worker()
            sender.runs_for(chance.uniform(0.0, 1.5))
            worker.kill()
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    worker.stop()


def test_a_worker_killed_while_the_broker_is_paused_loses_nothing(run: Run, breakable_broker: Broker) -> None:
    with Sender(run) as sender:
        for _ in range(2):
            worker = run.ready_worker()
            sender.runs_for(0.5)
            breakable_broker.pause()
            sender.runs_for(0.3)
            worker.kill()
            breakable_broker.resume()
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    worker.stop()


def test_a_worker_waits_out_a_killed_broker(run: Run, breakable_broker: Broker) -> None:
    worker = run.ready_worker()
    with Sender(run) as sender:
        sender.runs_for(1)
        breakable_broker.kill()
        sender.runs_for(7)
        assert "kafka" in (worker.reasons() or {})
        breakable_broker.start()
    run.until_acknowledged()
    assert worker.process.poll() is None
    run.assert_exact()
    worker.stop()


def test_another_worker_takes_over_what_a_killed_one_held(run: Run) -> None:
    first, second = run.worker("w0"), run.worker("w1")
    first.until_ready()
    second.until_ready()
    with Sender(run) as sender:
        sender.runs_for(2)
        first.kill()
        sender.runs_for(2)
    run.until_acknowledged()
    run.assert_exact()
    second.stop()
