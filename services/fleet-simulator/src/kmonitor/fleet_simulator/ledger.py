"""The ground truth on disk: every event before it is sent, and what the gateway answered."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Raw, Struct

from kmonitor.fleet_simulator.spool import Event, Place, Stamp
from kmonitor.fleet_simulator.turns import Trouble

FILE = "ledger.jsonl"


class Said(Struct, tag="said", tag_field="line"):
    """A terminal has said this event; nothing of it may have reached anybody yet."""

    terminal: str
    epoch: int
    event: Raw


class Taken(Struct, tag="taken", tag_field="line"):
    """The gateway answered 202 for this span of sequence numbers, except those it rejected."""

    terminal: str
    epoch: int
    first: int
    last: int
    received_at: str
    rejected: list[int] = []


class Began(Struct, tag="began", tag_field="line"):
    """A run of the simulator began; `zones` and `skews` by terminal, a skew in seconds ahead of the truth."""

    run: int
    seed: int
    zones: dict[str, str]
    skews: dict[str, float]
    report_interval_s: int = 60


class ClockRan(Struct, tag="clock", tag_field="line"):
    """From here on a terminal's clock runs so many seconds ahead of the truth."""

    terminal: str
    skew_s: float


class Expected(Struct, tag="expected", tag_field="line"):
    """A scenario struck at this true moment: what must be seen. `evidence`, an epoch and a number, is the
    event that says so; None if no event does."""

    name: str
    terminals: list[str]
    moment: str
    trouble: Trouble
    evidence: tuple[int, int] | None = None


class Over(Struct, tag="over", tag_field="line"):
    """It is over; `evidence` is the event that says so."""

    name: str
    moment: str
    evidence: tuple[int, int] | None = None


Aside = ClockRan | Expected | Over
Line = Said | Taken | Began | Aside
_decoder: "msgspec.json.Decoder[Line]" = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


class _Glimpse(Struct):
    seq: int
    type: str
    at: datetime
    unit: str = ""
    denomination_minor: int = 0
    count: int = 0


class Ledger:
    """An append-only file of JSON lines. What is appended is with the system when the call returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self.path.touch()
        cut_a_torn_line(self.path)
        self._file = self.path.open("ab", buffering=0)

    def said(self, told: Sequence[Event | Aside]) -> None:
        """Before any of the events is sent."""
        self._file.write(
            b"".join(
                [
                    b"%b%b}\n" % (each.stamp.ledger_head, each.raw)
                    if isinstance(each, Event)
                    else _encoder.encode(each) + b"\n"
                    for each in told
                ]
            )
        )

    def append(self, line: Taken | Began | Aside) -> None:
        self._file.write(_encoder.encode(line) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class Remembered(Struct):
    """What an earlier run left: how many runs there were, when it last said something, each one's place."""

    runs: int = 0
    seed: int | None = None
    last_at: float = 0.0
    places: dict[str, Place] = {}


def lines(folder: Path) -> Iterator[Line]:
    """The ledger from its beginning; nothing if there is none."""
    path = folder / FILE
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield _decoder.decode(line)


def remember(folder: Path) -> Remembered:
    """Where the last run stopped, so that this one goes on there."""
    found = Remembered()
    skews: dict[str, float] = {}
    stamps: dict[str, Stamp] = {}
    # By epoch, number and whether the number waits already: a restored spool may have used it again.
    waiting: dict[str, dict[tuple[int, int, bool], Event]] = {}
    for line in lines(folder):
        match line:
            case Said():
                event = msgspec.json.decode(line.event, type=_Glimpse)
                place = found.places.setdefault(line.terminal, Place(line.epoch))
                stamp = stamps.get(line.terminal)
                if stamp is None or stamp.epoch != line.epoch or event.seq != place.seq + 1:
                    stamp = Stamp(line.terminal, line.epoch, skews.get(line.terminal, 0.0))
                    stamps[line.terminal] = stamp
                place.epoch, place.seq = line.epoch, event.seq
                _move(place, event)
                kept = waiting.setdefault(line.terminal, {})
                is_again = (line.epoch, event.seq, False) in kept
                kept[line.epoch, event.seq, is_again] = Event(event.seq, bytes(line.event), stamp)
                found.last_at = max(found.last_at, event.at.timestamp() - stamp.skew_s)
            case Taken():
                kept = waiting[line.terminal]
                for seq in range(line.first, line.last + 1):
                    if kept.pop((line.epoch, seq, False), None) is None:
                        kept.pop((line.epoch, seq, True), None)
            case Began():
                found.runs, found.seed = line.run, line.seed
                skews |= line.skews
                stamps.clear()
            case ClockRan():
                skews[line.terminal] = line.skew_s
                stamps.pop(line.terminal, None)
            case Expected() | Over():
                pass
    for terminal, kept in waiting.items():
        found.places[terminal].waiting = list(kept.values())
    return found


def _move(place: Place, event: _Glimpse) -> None:
    match event.type:
        case "note.stacked.v1" | "coin.accepted.v1":
            place.move(event.unit, event.denomination_minor, 1)
        case "cash.dispensed.v1":
            place.move(event.unit, event.denomination_minor, -event.count)
        case "cash.collected.v1":
            place.boxes.pop(event.unit, None)


def cut_a_torn_line(file: Path) -> None:
    """A killed run may have left the last line half written; nothing was done for it yet."""
    whole = 0
    with file.open("rb") as opened:
        for line in opened:
            whole += len(line) if line.endswith(b"\n") else 0
    with file.open("r+b") as opened:
        opened.truncate(whole)
