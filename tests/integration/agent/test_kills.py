"""Power cuts on the kiosk, a gateway away half of the time: what was answered for arrives, under its number."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from agent_process import Agent, KioskSoftware, put
from gateway_process import Gateway, Kiosk, payment

from kmonitor.local.ports import wait_until

EVENTS = 10_000
KILLS = 50
LIVES_A_WEATHER = 8
FILES_A_LIFE, EVENTS_A_FILE = 2, 25
BY_FILE = KILLS * FILES_A_LIFE * EVENTS_A_FILE
CALLERS = 3
DRAIN_S = 60.0

Said = dict[str, Any]


def said_by_kiosk(payment_id: str) -> Said:
    """Everything but its number."""
    return {name: value for name, value in payment(1, payment_id=payment_id).items() if name != "seq"}


def in_lists(ids: Sequence[str], rng: Random) -> Iterator[list[Said]]:
    """Hand-overs of one to twenty events."""
    place = 0
    while place < len(ids):
        size = rng.randint(1, 20)
        yield [said_by_kiosk(each) for each in ids[place : place + size]]
        place += size


class Log:
    """What the log holds of one terminal, by number."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.copies: dict[int, list[Said]] = defaultdict(list)
        self.epochs: set[int] = set()
        for report in kiosk.logged():
            self.epochs.add(report.epoch)
            for raw in report.events:
                said = msgspec.json.decode(raw)
                self.copies[said.pop("seq")].append(said)

    def numbers_of_payments(self) -> dict[str, list[int]]:
        numbers = defaultdict(list)
        for seq, (first, *_) in self.copies.items():
            if first["type"] == "payment.accepted.v1":
                numbers[first["payment_id"]].append(seq)
        return dict(numbers)


class Park:
    """A kiosk whose agent loses its power again and again, and its gateway."""

    def __init__(self, kafka: str, folder: Path) -> None:
        self.by_call = [f"call-{number}" for number in range(EVENTS - BY_FILE)]
        self.by_file = [f"file-{number}" for number in range(BY_FILE)]
        self.gateway = Gateway(kafka, folder).start()
        self.kiosk = Kiosk.registered(self.gateway, "MSK-POWER-CUTS")
        self.agent = Agent(
            self.gateway.url, self.kiosk.terminal, self.kiosk.credential, folder, events_a_report=200
        )
        self._rng = Random(20261125)
        self.callers = [
            KioskSoftware(self.agent, in_lists(self.by_call[each::CALLERS], Random(each)))
            for each in range(CALLERS)
        ]
        self._files = iter(self.by_file)
        self._is_away = False

    def live_and_die(self, life: int) -> None:
        """Some lives end in their first moments, some while the agent sends, most anywhere."""
        self._is_away, was_away = life // LIVES_A_WEATHER % 2 == 1, self._is_away
        if self._is_away != was_away:
            self.gateway.kill() if self._is_away else self.gateway.start()
        for number in range(FILES_A_LIFE):
            events = [said_by_kiosk(next(self._files)) for _ in range(EVENTS_A_FILE)]
            put(self.agent.inbox, f"{life:03}-{number}.json", events)
        self.agent.spawn()
        if life % 5 == 4:
            assert wait_until(self.agent.lives, 30, 0.001)
        else:
            target = min(len(self.by_call), self._answered() + self._rng.randint(40, 200))
            assert wait_until(lambda: self._answered() >= target, 60, 0.001), self._troubles()
        if life % 5 == 2 and not self._is_away:
            assert wait_until(lambda: self.agent.status()["last_answer"] is not None, 30)
        self.agent.kill()

    def end_well(self) -> Said:
        """The status when all that was handed over is in the log, before the agent's last word."""
        if self._is_away:
            self.gateway.start()
        self.agent.start()
        for caller in self.callers:
            caller.join(DRAIN_S)
        assert self._troubles() == []
        assert wait_until(lambda: not any(self.agent.inbox.rglob("*.json")), DRAIN_S)
        assert wait_until(lambda: self.agent.status()["queued"] == 0, DRAIN_S), self.agent.status()
        status = self.agent.status()
        assert self.agent.stop() == 0
        return status

    def _answered(self) -> int:
        return sum(len(caller.numbers) for caller in self.callers)

    def _troubles(self) -> list[str]:
        return [trouble for caller in self.callers for trouble in caller.unexpected]


def test_fifty_power_cuts_cost_and_invent_nothing(kafka: str, tmp_path: Path) -> None:
    park = Park(kafka, tmp_path)
    try:
        for caller in park.callers:
            caller.start()
        for life in range(KILLS):
            park.live_and_die(life)
        status = park.end_well()
        log = Log(park.kiosk)
    finally:
        park.agent.kill()
        park.gateway.kill()

    # Numbered without a gap, and the last is the agent's own last word.
    last = max(log.copies)
    assert last > status["seq"]
    assert log.epochs == {status["epoch"]}
    assert sorted(log.copies) == list(range(1, last + 1))
    assert log.copies[last][0]["type"] == "terminal.stopped.v1"
    assert all(copy == copies[0] for copies in log.copies.values() for copy in copies)
    # Each payment once, with its content, under the number that was answered.
    arrived = log.numbers_of_payments()
    assert arrived.keys() == {*park.by_call, *park.by_file}
    assert all(len(numbers) == 1 for numbers in arrived.values())
    assert all(log.copies[seq][0] == said_by_kiosk(name) for name, [seq] in arrived.items())
    answers = {name: [seq] for caller in park.callers for name, seq in caller.numbers.items()}
    assert {name: arrived[name] for name in park.by_call} == answers
    assert {status[name] for name in ("rejected", "set_aside", "left_out")} == {0}
