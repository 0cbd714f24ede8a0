"""The terminal agent as a process of its own, as on a kiosk, and the software that hands events over to it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec

from kmonitor.local import processes
from kmonitor.local.ports import LOOPBACK, free_ports, wait_until

START_S = 30.0
PATIENCE_S = 60.0


class Agent:
    """`with Agent(gateway_url, terminal, credential, folder) as agent`: it answers when it enters."""

    def __init__(self, gateway: str, terminal: str, credential: str, folder: Path, **said: object) -> None:
        self.port = free_ports(1)[0]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log = folder / "agent.log"
        self.data = folder / "agent"
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        file = folder / "credential"
        file.touch(0o600)
        file.write_text(credential)
        told = {"gateway": gateway, "terminal": terminal, "data": self.data, "credential": file}
        told |= {"inbox": self.inbox, "port": self.port, "retry_at_most_s": 1} | said
        self._told = {f"KMONITOR_AGENT_{name.upper()}": str(value) for name, value in told.items()}

    def start(self) -> Self:
        self.spawn()
        if not wait_until(self.lives, START_S):
            raise AssertionError(f"the agent did not start:\n{processes.last_lines(self.log, 20)}")
        return self

    def spawn(self) -> None:
        """Without waiting for its first answer."""
        command = [sys.executable, "-m", "kmonitor.terminal_agent.main", "run"]
        self._process = processes.spawn(command, log=self.log, env=os.environ | self._told)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        processes.kill(self._process)

    def stop(self) -> int:
        assert self._process is not None
        processes.stop(self._process, 30)
        return int(self._process.returncode)

    def lives(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def status(self) -> dict[str, Any]:
        said: dict[str, Any] = httpx.get(f"{self.url}/status", timeout=5).json()
        return said

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()


class KioskSoftware(threading.Thread):
    """Hands over one list of events after the other, each until it is answered for."""

    def __init__(self, agent: Agent, hand_overs: Iterator[list[dict[str, Any]]]) -> None:
        super().__init__(daemon=True)
        self.numbers: dict[str, int] = {}
        """The number of each payment, as the agent answered."""
        self.retries = 0
        self.unexpected: list[str] = []
        self._agent = agent
        self._hand_overs = hand_overs

    def run(self) -> None:
        with httpx.Client(base_url=self._agent.url, timeout=10) as client:
            for events in self._hand_overs:
                if not wait_until(partial(self._is_answered, client, events), PATIENCE_S):
                    self.unexpected.append(f"no answer for {PATIENCE_S} s")
                    return

    def _is_answered(self, client: httpx.Client, events: list[dict[str, Any]]) -> bool:
        said = {"Idempotency-Key": events[0]["payment_id"]}
        try:
            answer = client.post("/events", json=events, headers=said)
        except httpx.TransportError:
            self.retries += 1
            return False
        if answer.status_code != 202:
            self.unexpected.append(answer.text)
            return False
        self.numbers |= {
            each["payment_id"]: seq for each, seq in zip(events, answer.json()["seqs"], strict=True)
        }
        return True


def put(inbox: Path, name: str, events: list[dict[str, Any]]) -> None:
    """A file for the watched folder: written elsewhere, renamed in."""
    written = inbox.with_name(f"{name}.tmp")
    written.write_bytes(msgspec.json.encode(events))
    written.rename(inbox / name)
