"""A kiosk's spool and what is handed over to it, and a gateway far away that may answer or not."""

import gzip
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import zstandard
from builders import NOON, TERMINAL

from kmonitor.events import codec
from kmonitor.terminal_agent.gateway import Answer, NoAnswer
from kmonitor.terminal_agent.handover import Ready, read_events
from kmonitor.terminal_agent.intake import Intake
from kmonitor.terminal_agent.sender import Limits, Post, Sender
from kmonitor.terminal_agent.spool import HandOver, Spool
from kmonitor.terminal_agent.status import Status

MIB = 2**20
Weather = Literal["fine", "away", "answer lost", "busy"]
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": gzip.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


def a_spool(folder: Path, terminal: str = TERMINAL, limit: int = 64 * MIB) -> "closing[Spool]":
    return closing(Spool(folder, terminal, limit, time.time()))


def paid(payment_id: str, **said: Any) -> dict[str, Any]:
    """A payment as kiosk software says it: without `seq`, and here without `at`."""
    return {
        "type": "payment.accepted.v1",
        "payment_id": payment_id,
        "service": "mobile.beeline",
        "recipient": "beeline",
        "method": "cash",
        "currency": "RUB",
        "inserted_minor": 50000,
        "credited_minor": 50000,
    } | said


def ready(*events: dict[str, Any]) -> list[Ready]:
    return read_events(msgspec.json.encode(list(events)), NOON)


def keyed(key: str, content: bytes = b"") -> HandOver:
    return HandOver(key, content)


def waiting(spool: Spool) -> list[dict[str, Any]]:
    """What the spool would send, in its order."""
    return [msgspec.json.decode(each.raw) for each in spool.oldest(100_000, 2**40).events]


def nobody() -> None:
    """Whom nobody wakes."""


def an_intake(spool: Spool, wake: Callable[[], None] = nobody) -> Intake:
    return Intake(spool, wake, events_a_report=100)


class FarGateway:
    """Answers as the contract says, judging by the events' own codec; `weather` is for the next reports."""

    def __init__(self, weather: Iterable[Weather] = (), unreadable: str = "") -> None:
        self.weather = list(weather)
        self.log: list[dict[str, Any]] = []
        """Every event of every report that it took, in the order they came."""
        self.sizes: list[int] = []
        self._unreadable = unreadable.encode()

    def __call__(self, body: bytes, headers: dict[str, str]) -> Answer:
        weather = self.weather.pop(0) if self.weather else "fine"
        if weather == "away":
            raise NoAnswer("nobody there")
        if weather == "busy":
            return problem(503, retry_after="7")
        answer = self._take(UNPACK[headers.get("Content-Encoding", "")](body))
        if weather == "answer lost":
            raise NoAnswer("the line went dead")
        return answer

    def _take(self, body: bytes) -> Answer:
        if self._unreadable and self._unreadable in body:
            return problem(400)
        report = codec.read_report(body)
        self.sizes.append(len(report.said.events))
        self.log += [msgspec.json.decode(raw) for raw in report.accepted]
        said = {
            "accepted": len(report.accepted),
            "rejected": [each.refusal for each in report.refused],
            "received_at": datetime.now(UTC),
            "report_interval_s": 30,
        }
        return Answer(202, "", "application/json", codec.encode(said))


def problem(status: int, retry_after: str = "") -> Answer:
    return Answer(status, retry_after, "application/problem+json", b'{"detail": "not like this"}')


def a_sender(spool: Spool, post: Post, status: Status | None = None, events: int = 8) -> Sender:
    return Sender(
        spool,
        post,
        status or Status(60),
        terminal=TERMINAL,
        limits=Limits(events, 64 * 1024, 60.0),
        compression="zstd",
        chance=lambda: 1.0,
    )


def send_all(spool: Spool, sender: Sender) -> None:
    """Without the pauses."""
    for _ in range(1000):
        if not spool.queued:
            return
        sender.send_some()
    raise AssertionError(f"{spool.queued} events still wait")
