"""`kmonitor up` as a child process, for tests and tools."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kmonitor.local import processes
from kmonitor.local.data_folder import DESCRIPTION
from kmonitor.local.errors import CannotStart
from kmonitor.local.plan import Plan
from kmonitor.local.ports import PORT_BASES, free_ports, is_free, wait_until

START_DEADLINE_S = 180.0


class Stack:
    """A whole stack of one's own: start, stop, kill one process or all, and start again with the same data.

    Use it as a context manager, from the main thread.
    """

    def __init__(
        self, folder: Path, port_base: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.port_base = port_base or free_port_base()
        self.log = folder.with_name(f"{folder.name}-up.log")
        self._environment = os.environ | (environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def supervisor(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the stack was not started")
        return self._process

    def start(self, *, rebuild: bool = False) -> Self:
        """Start it and wait until everything is ready; with `rebuild` all that is derived is built anew."""
        up = [sys.executable, "-m", "kmonitor.cli.main", "up"]
        where = ["--data", str(self.folder), "--port-base", str(self.port_base)]
        (self.folder / DESCRIPTION).unlink(missing_ok=True)
        process = self._process = processes.spawn(
            [*up, *where, *(["--rebuild"] if rebuild else [])], log=self.log, env=self._environment
        )
        described = self.folder / DESCRIPTION
        ready = wait_until(lambda: described.exists() or process.poll() is not None, START_DEADLINE_S)
        if not ready or process.poll() is not None:
            self.kill_all()
            raise CannotStart(f"The stack did not start:\n{processes.last_lines(self.log)}")
        return self

    def describe(self) -> dict[str, Any]:
        """What stack.json says now."""
        described: dict[str, Any] = json.loads((self.folder / DESCRIPTION).read_text())
        return described

    def pid(self, name: str) -> int:
        """The present process of a program: kafka, clickhouse, ingest-gateway…"""
        return int(self.describe()["pids"][name])

    def kill(self, name: str) -> int:
        """SIGKILL one process; the supervisor starts it again. Returns the pid that was killed."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_all(self) -> None:
        """SIGKILL everything at once: the kernel kills the children with their supervisor."""
        if self._process is not None:
            processes.kill(self._process)

    def stop(self) -> int:
        """Stop it as Ctrl-C does; returns the exit code."""
        processes.stop(self.supervisor, deadline_s=60)
        return self.supervisor.returncode

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill_all()


def free_port_base() -> int:
    """A base whose every port is free now."""
    while True:
        base = free_ports(1)[0]
        ports = Plan(Path(), base).ports.values()
        if base in PORT_BASES and all(is_free(port) for port in ports):
            return base
