"""Sends what waits, oldest first, until it is answered for: patiently, and never twice at a time."""

import threading
from collections.abc import Callable
from datetime import datetime
from random import random
from typing import assert_never

from msgspec import Struct

from kmonitor.terminal_agent.answers import Accepted, NotNow, Unreadable, Unwelcome, Verdict, judge
from kmonitor.terminal_agent.backoff import backoff, obedient, slow
from kmonitor.terminal_agent.errors import SpoolFull
from kmonitor.terminal_agent.gateway import Answer, NoAnswer
from kmonitor.terminal_agent.reports import Compression, compress, report
from kmonitor.terminal_agent.spool import Batch, Event, Spool
from kmonitor.terminal_agent.status import Status

PART = "gateway"

Post = Callable[[bytes, dict[str, str]], Answer]
"""Sends a body with its headers. Raises NoAnswer."""


class Limits(Struct, frozen=True):
    """Of one report, and of the pause between tries."""

    events: int
    bytes: int
    pause_s: float


class Sender:
    """One thread runs `run`; any other may wake it, and end it."""

    def __init__(
        self,
        spool: Spool,
        post: Post,
        status: Status,
        *,
        terminal: str,
        limits: Limits,
        compression: Compression,
        chance: Callable[[], float] = random,
    ) -> None:
        self._spool = spool
        self._post = post
        self._status = status
        self._terminal = terminal
        self._limits = limits
        self._compression = compression
        self._chance = chance
        self._events_at_most = limits.events
        self._woken = threading.Event()
        self._over = threading.Event()

    def wake(self) -> None:
        """Something came that cannot wait."""
        self._woken.set()

    def finish(self) -> None:
        """Send once more what waits, without patience, then end."""
        self._over.set()
        self._woken.set()

    def run(self) -> None:
        is_over = False
        while not is_over:
            self._woken.wait()
            self._woken.clear()
            is_over = self._over.is_set()  # Asked before: what came with the end is still tried once.
            self._drain()

    def _drain(self) -> None:
        tries = 0
        while self._spool.queued:
            pause = self.send_some(tries)
            tries = 0 if pause is None else tries + 1
            if pause is not None and self._over.wait(pause):
                return

    def send_some(self, tries: int = 0) -> float | None:
        """One report. The seconds until it is worth another try; None to go on at once."""
        batch = self._spool.oldest(self._events_at_most, self._limits.bytes)
        try:
            verdict = self._ask(batch)
            match verdict:
                case Accepted():
                    # Only now: a crash before it repeats the report, and a repeated event counts once.
                    self._spool.forget(batch, verdict.rejected)
                    self._obey(batch, verdict)
                    return None
                case Unreadable():
                    return self._make_smaller(batch, verdict)
                case NotNow():
                    return self._later(verdict, tries)
                case Unwelcome():
                    return self._much_later(verdict.reason)
                case _:
                    assert_never(verdict)
        except SpoolFull as full:
            # Even forgetting needs some room on the disk.
            return self._later(NotNow(str(full)), tries)

    def _ask(self, batch: Batch) -> Verdict:
        body = report(self._terminal, batch, datetime.now().astimezone())
        try:
            answer = self._post(*compress(body, self._compression))
        except NoAnswer as silence:
            return NotNow(str(silence))
        return judge(answer, batch.events)

    def _obey(self, batch: Batch, said: Accepted) -> None:
        self._events_at_most = min(self._limits.events, self._events_at_most * 2)
        self._status.report_interval_s = said.report_interval_s
        taken = len(batch.events) - len(said.rejected)
        self._status.answered(f"202: {taken} accepted, {len(said.rejected)} rejected")
        self._status.report(PART, None)

    def _make_smaller(self, batch: Batch, said: Unreadable) -> float | None:
        """Halves, until one event is left; it steps aside only if a report without it is taken."""
        if len(batch.events) > 1:
            self._events_at_most = len(batch.events) // 2
            return None
        if not said.by_gateway:
            return self._much_later(f"{said.reason}, but not from KMonitor's gateway: what stands between?")
        without = self._ask(Batch(batch.epoch, [], batch.queued + 1))
        if not isinstance(without, Accepted):
            return self._much_later(f"{said.reason}, for every report: {said.detail}")
        self._set_aside(batch.events[0], said)
        return None

    def _set_aside(self, event: Event, said: Unreadable) -> None:
        self._spool.set_aside(event, said.reason, said.detail)
        self._status.answered(f"{said.reason}: event {event.seq} was set aside")

    def _later(self, said: NotNow, tries: int) -> float:
        self._status.report(PART, said.reason)
        if said.retry_after_s is not None:
            return obedient(said.retry_after_s, self._chance())
        return backoff(tries, self._chance(), self._limits.pause_s)

    def _much_later(self, reason: str) -> float:
        self._status.report(PART, reason)
        return slow(self._chance(), self._limits.pause_s)
