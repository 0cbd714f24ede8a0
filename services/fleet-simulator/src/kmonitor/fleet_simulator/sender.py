"""Sends reports until they are taken, as a terminal does: patiently, and sometimes twice."""

import asyncio
import time
from random import Random, uniform
from typing import Literal

import msgspec
from msgspec import Struct

from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.errors import CannotRun
from kmonitor.fleet_simulator.ledger import Ledger, Taken
from kmonitor.fleet_simulator.spool import Batch
from kmonitor.fleet_simulator.terminal import Terminal
from kmonitor.fleet_simulator.wire import Answer, Client, NoAnswer

PATH = "/v1/reports"
LONGEST_PAUSE_S = 5.0
Habit = Literal["plain", "answer_lost", "twins", "echo"]
NOT_NOW = frozenset({408, 425, 429, 500, 502, 503, 504})


class TooLarge(Exception):
    """The gateway does not take a body of this size: send fewer events at a time."""


class _Rejected(Struct):
    index: int


class _Accepted(Struct):
    received_at: str
    rejected: list[_Rejected] = []


class Throttle:
    """At most so many reports a second, evenly spaced; 0 is no limit."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        if not self._gap:
            return
        now = time.monotonic()
        self._next = max(self._next + self._gap, now)
        if self._next > now:
            await asyncio.sleep(self._next - now)


class Sender:
    """Delivers batches of any terminal; `repeat` is the share of reports that are sent more than once."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        keys: dict[str, str],
        counts: Counts,
        *,
        repeat: float,
        rate: float,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._authorization = {name: f"Authorization: Bearer {key}\r\n" for name, key in keys.items()}
        self._counts = counts
        self._repeat = repeat
        self._throttle = Throttle(rate)
        self._habits: dict[str, Random] = {}
        self._echoes: dict[str, Batch] = {}

    async def deliver(self, terminal: Terminal, batch: Batch) -> None:
        """Returns when the gateway has taken the batch; it has its 202 in the ledger then.

        Raises TooLarge, and CannotRun when it will never be taken.
        """
        await self._throttle.turn()
        match self._habit(terminal):
            case "plain":
                await self._until_taken(terminal, batch)
            case "answer_lost":
                await self._until_taken(terminal, batch)
                await self._copy(terminal, batch)
            case "twins":
                await asyncio.gather(self._until_taken(terminal, batch), self._copy(terminal, batch))
            case "echo":
                # Comes again after a newer report: the order of arrival is not the order of events.
                await self._until_taken(terminal, batch)
                self._echoes[terminal.who.terminal] = batch
        terminal.taken(batch)
        self._counts.reports += 1
        self._counts.events += len(batch.events)
        self._counts.waiting -= len(batch.events)

    def _habit(self, terminal: Terminal) -> Habit:
        if not self._repeat:
            return "plain"
        name = terminal.who.terminal
        rng = self._habits.setdefault(name, Random(f"habits/{name}"))
        if rng.random() > self._repeat:
            return "plain"
        return rng.choice(("answer_lost", "twins", "echo"))

    async def _copy(self, terminal: Terminal, batch: Batch) -> None:
        """The same events once more; nobody needs the answer."""
        self._counts.copies += 1
        await self._until_answered(terminal, batch)

    async def _until_taken(self, terminal: Terminal, batch: Batch) -> None:
        answer = await self._until_answered(terminal, batch)
        accepted = msgspec.json.decode(answer.body, type=_Accepted)
        first, last = batch.span
        rejected = [batch.events[item.index].seq for item in accepted.rejected]
        self._counts.rejected += len(rejected)
        self._ledger.append(
            Taken(terminal.who.terminal, batch.stamp.epoch, first, last, accepted.received_at, rejected)
        )
        if self._echoes and (echo := self._echoes.pop(terminal.who.terminal, None)) is not None:
            await self._copy(terminal, echo)

    async def _until_answered(self, terminal: Terminal, batch: Batch) -> Answer:
        tries = 0
        while True:
            try:
                authorization = self._authorization[terminal.who.terminal]
                answer = await self._client.post(PATH, authorization, batch.body(time.time()))
                if answer.status == 202:
                    return answer
                pause = _pause(terminal.who.terminal, answer, tries)
                self._counts.not_now += 1
            except NoAnswer:
                pause = backoff(tries)
                self._counts.no_answer += 1
            tries += 1
            await asyncio.sleep(pause)


def backoff(tries: int) -> float:
    """Seconds until the next try: doubled each time up to a limit, and never all at the same moment."""
    return float(min(LONGEST_PAUSE_S, 0.05 * 2.0 ** min(tries, 10)) * uniform(0.5, 1))


def retry_after(answer: Answer, tries: int) -> float:
    """As the server wishes, within reason."""
    if not answer.retry_after.isdigit():
        return backoff(tries)
    return min(LONGEST_PAUSE_S, float(answer.retry_after)) * uniform(0.8, 1.2)


def _pause(terminal: str, answer: Answer, tries: int) -> float:
    """Seconds until it is worth another try. Raises when it never will be."""
    if answer.status in NOT_NOW:
        return retry_after(answer, tries)
    if answer.status == 413:
        raise TooLarge
    if answer.status in (401, 403):
        raise CannotRun(
            f"The gateway does not believe the key of {terminal} ({answer.status}): if its stack was started"
            " afresh, give an empty folder with --data."
        )
    detail = answer.body[:300].decode("utf-8", "replace")
    raise CannotRun(f"The gateway answered {answer.status} to a report of {terminal}: {detail}")
