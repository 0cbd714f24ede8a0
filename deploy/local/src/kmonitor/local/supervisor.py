"""Starts the programs of a stack in their order, keeps them running, and ends them all."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kmonitor.local import logs, processes
from kmonitor.local.child import WRONG_SETTING, Child, Program, end_of, pause_before_restart
from kmonitor.local.data_folder import is_disk_nearly_full
from kmonitor.local.errors import CannotStart

READY_DEADLINE_S = 120.0
STOP_DEADLINE_S = 10.0
LOOK_AFTER_EVERY_S = 5.0
PREPARING_TRIES = 6

Say = Callable[[str], None]
Announce = Callable[[Mapping[str, int]], None]


@dataclass(frozen=True)
class Foundation:
    """A program that others stand on, and the command that makes it fit for them (may be run again)."""

    program: Program
    makes: str = ""
    """What the command makes: topics, tables."""
    preparing: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Foundations side by side, each prepared as soon as it serves; then all services at once.

    `announce` is told the present pids once all is ready, and at each change from then on. A dead process stays
    among them until the one that replaces it has started.
    """

    def __init__(
        self,
        logs_folder: Path,
        foundations: Sequence[Foundation],
        services: Sequence[Program],
        announce: Announce,
        say: Say,
    ) -> None:
        self._logs = logs_folder
        self._foundations = [(each, self._child(each.program)) for each in foundations]
        self._services = [self._child(each) for each in services]
        self._announce = announce
        self._say = say
        self._keepers: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._is_ready = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP. Nothing is left running, whatever ends it.

        Raises CannotStart when something never became ready.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)
        serving = asyncio.create_task(self._serve(ready))
        serving.add_done_callback(self._noticed)
        try:
            await self._stop.wait()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await self._end()
        if self._failure is not None:
            raise self._failure

    async def _serve(self, ready: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as starting:
            for foundation, child in self._foundations:
                starting.create_task(self._lay(foundation, child))
        async with asyncio.TaskGroup() as starting:
            for child in self._services:
                starting.create_task(self._start(child))
        self._is_ready = True
        self._announce(self._pids())
        ready()
        await self._look_after()

    async def _lay(self, foundation: Foundation, child: Child) -> None:
        await self._start(child)
        if foundation.preparing:
            await self._prepare(foundation)
            self._say(f"{foundation.makes} ready")

    async def _start(self, child: Child) -> None:
        keeper = asyncio.create_task(child.keep_running(self._died))
        keeper.add_done_callback(self._noticed)
        self._keepers.append(keeper)
        await child.until_ready(READY_DEADLINE_S)
        self._say(f"{child.program.name} ready")

    async def _prepare(self, foundation: Foundation) -> None:
        log = self._log(f"{foundation.program.name}-{foundation.makes}")
        pause = 0.0
        for _ in range(PREPARING_TRIES):
            code = await _run_to_end(foundation.preparing, log, foundation.environment)
            if code == 0:
                return
            if code == WRONG_SETTING:
                break
            pause = pause_before_restart(pause, lived_s=0)
            await asyncio.sleep(pause)
        raise CannotStart(
            f"The {foundation.makes} could not be made; see {log}."
            f" Its last words: {processes.last_lines(log, count=1)}"
        )

    async def _look_after(self) -> None:
        was_full = False
        while True:
            logs.rotate(self._logs)
            is_full = is_disk_nearly_full(self._logs)
            if is_full != was_full:
                self._say("the disk is nearly full: free some space" if is_full else "the disk has space again")
            was_full = is_full
            await asyncio.sleep(LOOK_AFTER_EVERY_S)

    async def _end(self) -> None:
        """Services first, so that they can still write what they hold; then what they stood on."""
        self._say("stopping…")
        await asyncio.gather(*(child.stop(STOP_DEADLINE_S) for child in self._services))
        for _, child in reversed(self._foundations):
            await child.stop(STOP_DEADLINE_S)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def _asked_to_stop(self) -> None:
        """The first time in good order, the second time at once."""
        if self._stop.is_set():
            for child in self._children():
                child.end_at_once()
        self._stop.set()

    def _noticed(self, task: asyncio.Task[None]) -> None:
        """A task that failed takes the stack down, and its reason is told."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or _first(error)
            self._stop.set()

    def _died(self, name: str, code: int, pause_s: float) -> None:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self._say(f"{name} {how}; starting it again in {pause_s:.1f} s")

    def _started(self) -> None:
        if self._is_ready:
            self._announce(self._pids())

    def _child(self, program: Program) -> Child:
        return Child(program, self._log(program.name), self._started)

    def _children(self) -> list[Child]:
        return [child for _, child in self._foundations] + self._services

    def _pids(self) -> dict[str, int]:
        return {child.program.name: child.pid for child in self._children()}

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


async def _run_to_end(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
    process = processes.spawn(command, log=log, env=environment)
    try:
        return await end_of(process)
    finally:
        processes.kill(process)


def _first(error: BaseException) -> BaseException:
    """A group of failures is told by its first: the others followed from the same stop."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
