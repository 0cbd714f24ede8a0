"""The life of the agent: what it says when it starts, what runs beside what, and in which order it ends."""

import threading
import time
from collections.abc import Callable
from typing import Any

from kmonitor.terminal_agent.computer import Computer
from kmonitor.terminal_agent.errors import SpoolFull
from kmonitor.terminal_agent.files import read_credential
from kmonitor.terminal_agent.gateway import Gateway
from kmonitor.terminal_agent.inbox import Inbox
from kmonitor.terminal_agent.intake import Intake
from kmonitor.terminal_agent.local_api import LocalApi
from kmonitor.terminal_agent.sender import Limits, Sender
from kmonitor.terminal_agent.settings import Settings
from kmonitor.terminal_agent.spool import Spool
from kmonitor.terminal_agent.status import Status

LOOK_EVERY_S = 0.5
LAST_WORDS_S = 20.0


class Agent:
    """Everything it stands on is made, or nothing: raises CannotRun."""

    def __init__(self, settings: Settings) -> None:
        credential = read_credential(settings.credential_file)
        self._settings = settings
        self._status = Status(settings.report_interval_s)
        self._spool = Spool(settings.data, settings.terminal, settings.spool_limit_mb * 2**20, time.time())
        self._gateway = Gateway(settings.gateway, credential)
        self._sender = Sender(
            self._spool,
            self._gateway.post,
            self._status,
            terminal=settings.terminal,
            limits=Limits(settings.events_a_report, settings.bytes_a_report, settings.retry_at_most_s),
            compression=settings.compression,
        )
        self._intake = Intake(self._spool, self._sender.wake, settings.events_a_report)
        self._inbox = Inbox(settings.inbox, self._intake, self._status) if settings.inbox else None
        self._computer = Computer(settings.data)
        self._api = LocalApi(settings.port, self._intake, self.shown)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        self._spool.reconsider()
        said = self._settings
        self._say(
            "terminal.started.v1", reason=said.started_reason, software=said.software, timezone=said.timezone
        )
        self._api.start()
        sending = _thread("sender", self._sender.run)
        beside = [_thread("heartbeats", lambda: self._beat(stop))]
        if (inbox := self._inbox) is not None:
            beside.append(_thread("inbox", lambda: _watch(inbox, stop)))
        # In slices: on Windows a wait without an end would not hear Ctrl-C.
        while not stop.wait(1.0):
            pass
        # In good order: nobody hands over any more, then the last word, then the last report.
        self._api.close()
        self._intake.close()
        for thread in beside:
            thread.join()
        self._say("terminal.stopped.v1", reason="operator")
        self._sender.finish()
        # What is not answered by then waits for the next start.
        sending.join(LAST_WORDS_S)
        if not sending.is_alive():
            self._gateway.close()

    def shown(self) -> dict[str, Any]:
        """GET /status."""
        counts, status = self._spool.counts(), self._status
        return {
            "terminal": self._settings.terminal,
            "gateway": self._settings.gateway,
            "since": status.since,
            "epoch": self._spool.epoch,
            "seq": counts.seq,
            "queued": counts.queued,
            "report_interval_s": status.report_interval_s,
            "last_answer": status.last_answer,
            "last_error": status.last_error,
            "troubles": status.troubles,
            "rejected": counts.rejected,
            "set_aside": counts.set_aside,
            "left_out": counts.left_out,
            "spool_bytes": counts.used_bytes,
            "spool_limit_bytes": counts.limit_bytes,
        }

    def _say(self, type_: str, **fields: Any) -> None:
        try:
            self._intake.say(type_, **fields)
        except SpoolFull as full:
            self._status.report("spool", f"{type_} was not stored: {full}")
        else:
            self._status.report("spool", None)

    def _beat(self, stop: threading.Event) -> None:
        """A heartbeat each interval, and with it everything that could wait."""
        last = float("-inf")
        while not stop.is_set():
            if time.monotonic() - last >= self._status.report_interval_s:
                last = time.monotonic()
                self._say("terminal.heartbeat.v1", **self._computer.health())
                self._sender.wake()
            stop.wait(1.0)


def _watch(inbox: Inbox, stop: threading.Event) -> None:
    while not stop.is_set():
        inbox.look()
        stop.wait(LOOK_EVERY_S)


def _thread(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
