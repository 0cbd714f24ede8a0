"""Whatever happens between kiosk software, agent and gateway: no event is lost, invented or numbered anew."""

from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.agent.kiosk import FarGateway, Weather, a_sender, a_spool, an_intake, paid, send_all

from kmonitor.terminal_agent.spool import Spool


class HandOver(NamedTuple):
    """So many events at once; without an answer kiosk software does not know what became of them."""

    events: int
    is_answered: bool


class Send(NamedTuple):
    weather: Weather


class Crash(NamedTuple):
    """The agent dies between two transactions, and is started again."""


class Retry(NamedTuple):
    """Kiosk software hands over again whatever was not answered."""


Step = HandOver | Send | Crash | Retry
steps = st.lists(
    st.one_of(
        st.builds(HandOver, st.integers(1, 12), st.booleans()),
        st.builds(Send, st.sampled_from(("fine", "away", "answer lost", "busy"))),
        st.builds(Crash),
        st.builds(Retry),
    ),
    max_size=25,
)


class Kiosk:
    """Kiosk software, its agent, and what each of them knows."""

    def __init__(self, folder: Path) -> None:
        self.gateway = FarGateway()
        self.numbers: dict[str, int] = {}
        """What was answered for, with its number."""
        self._folder = folder
        self._names = count()
        self._pending: list[list[dict[str, Any]]] = []
        self._opened = ExitStack()
        self.spool = self._open()

    def _open(self) -> Spool:
        spool = self._opened.enter_context(a_spool(self._folder))
        # Reports of at most three events: those wait longest that a report must leave behind.
        self._sender = a_sender(spool, self.gateway, events=3)
        return spool

    def does(self, step: Step) -> None:
        match step:
            case HandOver():
                said = [paid(f"p-{next(self._names)}") for _ in range(step.events)]
                self._hand_over(said, is_answered=step.is_answered)
            case Send():
                self.gateway.weather = [step.weather]
                self._sender.send_some()
            case Crash():
                self._opened.close()
                self.spool = self._open()
            case Retry():
                pending, self._pending = self._pending, []
                for said in pending:
                    self._hand_over(said, is_answered=True)

    def _hand_over(self, said: list[dict[str, Any]], *, is_answered: bool) -> None:
        ids = [each["payment_id"] for each in said]
        taken = an_intake(self.spool).take(msgspec.json.encode(said), key=ids[0])
        if is_answered:
            self.numbers |= {name: seq for name, seq in zip(ids, taken.seqs, strict=True) if seq}
        else:
            self._pending.append(said)

    def ends_well(self) -> None:
        """All is answered at last."""
        self.does(Crash())
        self.does(Retry())
        self.gateway.weather = []
        send_all(self.spool, self._sender)
        self._opened.close()


@settings(max_examples=60)
@given(steps)
def test_every_answered_event_arrives_under_its_number_and_nothing_else(story: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        kiosk = Kiosk(Path(folder))
        for step in story:
            kiosk.does(step)
        kiosk.ends_well()
    arrived = {each["seq"]: each["payment_id"] for each in kiosk.gateway.log}
    assert arrived == {seq: name for name, seq in kiosk.numbers.items()}
    assert sorted(arrived) == list(range(1, len(arrived) + 1))
    assert len(arrived) == len(kiosk.numbers)
    # In their order, each repetition with the very same content.
    first_seen = list(dict.fromkeys(each["seq"] for each in kiosk.gateway.log))
    assert first_seen == sorted(first_seen)
    contents = {msgspec.json.encode(each, order="sorted") for each in kiosk.gateway.log}
    assert len(contents) == len(arrived)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(("good", "unknown type", "spoils its report")), max_size=15))
def test_an_event_that_cannot_be_taken_costs_no_other(kinds: list[str]) -> None:
    gateway = FarGateway(unreadable="spoils")
    with TemporaryDirectory() as folder, a_spool(Path(folder)) as spool:
        for kind in kinds:
            said = {"type": "iris.scanned.v2"} if kind == "unknown type" else paid(kind)
            an_intake(spool).take(msgspec.json.encode(said))
        send_all(spool, a_sender(spool, gateway))
        counts = spool.counts()
    assert [each["seq"] for each in gateway.log] == [n for n, kind in enumerate(kinds, 1) if kind == "good"]
    assert counts.rejected == kinds.count("unknown type")
    assert counts.set_aside == kinds.count("spoils its report")
