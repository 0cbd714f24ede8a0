"""One child of the supervisor: started, watched, started again when it dies."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kmonitor.local import processes
from kmonitor.local.errors import CannotStart

SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
STEADY_AFTER_S = 10.0
LOOK_EVERY_S = 0.05
WRONG_SETTING = 2
"""The exit code of a program that no restart can help."""


@dataclass(frozen=True)
class Program:
    """What runs under a name, and how to tell that it serves."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)


def pause_before_restart(previous_s: float, lived_s: float) -> float:
    """Longer after each quick death, short again for one that had been steady."""
    if lived_s >= STEADY_AFTER_S:
        return SHORTEST_PAUSE_S
    return min(max(2 * previous_s, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)


async def end_of(process: subprocess.Popen[bytes]) -> int:
    """The exit code, as soon as there is one."""
    while True:
        code = process.poll()
        if code is not None:
            return code
        await asyncio.sleep(LOOK_EVERY_S)


class Child:
    """Keeps one program running. `pid` is that of the last process started."""

    def __init__(self, program: Program, log: Path, started: Callable[[], None]) -> None:
        self.program = program
        self.log = log
        self.pid = 0
        self.deaths: list[int] = []
        """Exit codes, negative for signals, in their order."""
        self._started = started
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    async def keep_running(self, died: Callable[[str, int, float], None]) -> None:
        """Start it, and again after each death, until `stop`; tells `died` the code and the pause."""
        pause = 0.0
        while not self._stopping:
            born = time.monotonic()
            process = self._process = processes.spawn(
                self.program.command, log=self.log, env=self.program.environment
            )
            self.pid = process.pid
            self._started()
            code = await end_of(process)
            if self._stopping:
                return
            self.deaths.append(code)
            pause = pause_before_restart(pause, time.monotonic() - born)
            died(self.program.name, code, pause)
            await asyncio.sleep(pause)

    async def until_ready(self, timeout_s: float) -> None:
        """Wait until it serves. Raises CannotStart when it says that it never will, or takes too long."""
        deadline = time.monotonic() + timeout_s
        while not await asyncio.to_thread(self.program.is_ready):
            if WRONG_SETTING in self.deaths:
                raise CannotStart(f"{self.program.name} cannot start: {self.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.program.name} was not ready within {timeout_s:.0f} s; see {self.log}."
                    f" Its last words: {self.last_words()}"
                )
            await asyncio.sleep(LOOK_EVERY_S)

    async def stop(self, deadline_s: float) -> None:
        """SIGTERM, and SIGKILL when that was not enough."""
        self._stopping = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        processes.ask_to_end(process)
        try:
            async with asyncio.timeout(deadline_s):
                await end_of(process)
        except TimeoutError:
            processes.kill(process)

    def end_at_once(self) -> None:
        if self._process is not None:
            self._process.kill()

    def last_words(self) -> str:
        return processes.last_lines(self.log, count=1) or "none"
