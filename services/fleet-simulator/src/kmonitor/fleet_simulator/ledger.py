"""The ground truth on disk: every event before it is sent, and what the gateway answered."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Raw, Struct

from kmonitor.fleet_simulator.terminal import Event, Place

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


Line = Said | Taken | Began
_decoder: "msgspec.json.Decoder[Line]" = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


class _Glimpse(Struct):
    seq: int
    at: datetime


class Ledger:
    """An append-only file of JSON lines. What is appended is with the system when the call returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self.path.touch()
        cut_a_torn_line(self.path)
        self._file = self.path.open("ab", buffering=0)

    def said(self, terminal: str, epoch: int, events: Sequence[Event]) -> None:
        """Before any of them is sent."""
        head = b'{"line":"said","terminal":%b,"epoch":%d,"event":' % (_encoder.encode(terminal), epoch)
        self._file.write(b"".join([b"%b%b}\n" % (head, event.raw) for event in events]))

    def append(self, line: Taken | Began) -> None:
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
    waiting: dict[str, dict[int, bytes]] = {}
    for line in lines(folder):
        match line:
            case Said():
                event = msgspec.json.decode(line.event, type=_Glimpse)
                found.places.setdefault(line.terminal, Place(line.epoch)).seq = event.seq
                waiting.setdefault(line.terminal, {})[event.seq] = bytes(line.event)
                moment = event.at.timestamp() - skews.get(line.terminal, 0.0)
                found.last_at = max(found.last_at, moment)
            case Taken():
                for seq in range(line.first, line.last + 1):
                    waiting[line.terminal].pop(seq, None)
            case Began():
                found.runs, found.seed = line.run, line.seed
                skews |= line.skews
    for terminal, events in waiting.items():
        found.places[terminal].waiting = [Event(seq, raw) for seq, raw in events.items()]
    return found


def cut_a_torn_line(file: Path) -> None:
    """A killed run may have left the last line half written; nothing was done for it yet."""
    whole = 0
    with file.open("rb") as opened:
        for line in opened:
            whole += len(line) if line.endswith(b"\n") else 0
    with file.open("r+b") as opened:
        opened.truncate(whole)
