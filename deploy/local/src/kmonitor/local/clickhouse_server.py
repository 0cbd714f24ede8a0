"""The ClickHouse engine as a child process, for the stack, for tests and for tools."""

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from kmonitor.local import health, processes
from kmonitor.local.errors import CannotStart
from kmonitor.local.ports import LOOPBACK, free_ports, wait_until

START_DEADLINE_S = 60.0


def command(folder: Path, port: int) -> list[str]:
    """What runs the engine over `folder` on a port of loopback."""
    return [sys.executable, "-m", "kmonitor.local.clickhouse", "--path", str(folder), "--port", str(port)]


class Engine:
    """An engine of one's own: start, stop, kill, and start again with the same data.

    Use it as a context manager, from the main thread.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_ports(1)[0]
        self.log = folder / "clickhouse.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for clickhouse-connect."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the engine was not started")
        return self._process.pid

    def start(self) -> Self:
        """Start it and wait until it answers."""
        process = self._process = processes.spawn(command(self.folder / "data", self.port), log=self.log)
        ready = wait_until(
            lambda: health.is_ok(self.port, "/ping") or process.poll() is not None, START_DEADLINE_S
        )
        if not ready or process.poll() is not None:
            self.kill()
            raise CannotStart(f"The engine did not start:\n{processes.last_lines(self.log)}")
        return self

    def stop(self) -> int:
        """Stop it as an operator would; the data stays. Returns the exit code."""
        if self._process is None:
            raise RuntimeError("the engine was not started")
        processes.stop(self._process)
        return self._process.returncode

    def kill(self) -> None:
        """SIGKILL; the data stays."""
        if self._process is not None:
            processes.kill(self._process)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
