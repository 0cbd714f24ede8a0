"""The life of a process: how it starts, how it is asked to stop, and with which code it ends."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import NoReturn

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.logs import LEVELS, configure_logs, get_logger

STOPPED, SURPRISED, MISCONFIGURED = 0, 1, 2
SIGNALS = (signal.SIGTERM, signal.SIGINT)

Main = Callable[[threading.Event], None]
AsyncMain = Callable[[], Coroutine[None, None, None]]
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def run(service: str, main: Main) -> NoReturn:
    """Runs a plain loop, then ends the process: 0 asked to stop, 2 cannot start, 1 a surprise.

    `main` gets an event that SIGTERM and SIGINT set, and returns soon after.
    """

    def body() -> None:
        stop = threading.Event()
        for number in SIGNALS:
            signal.signal(number, lambda _, __: stop.set())
        main(stop)
        if not stop.is_set():
            raise RuntimeError("the service ended without being asked to")

    _live(service, body)


def run_async(service: str, main: AsyncMain, loop_factory: LoopFactory | None = None) -> NoReturn:
    """Runs a coroutine, then ends the process as `run` does. SIGTERM and SIGINT cancel it."""

    async def until_asked() -> None:
        task = asyncio.ensure_future(main())
        asked = False

        def stop(*_: object) -> None:
            nonlocal asked
            asked = True
            loop.call_soon_threadsafe(task.cancel)

        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            signal.signal(number, stop)
        try:
            await task
        except asyncio.CancelledError:
            if not asked:
                raise
        if not asked:
            raise RuntimeError("the service ended without being asked to")

    def body() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(until_asked())

    _live(service, body)


def _live(service: str, body: Callable[[], None]) -> NoReturn:
    level = os.environ.get("KMONITOR_LOG_LEVEL", "info")
    configure_logs(service, level if level in LEVELS else "info")  # the settings refuse any other
    sys.exit(_code(body))


def _code(body: Callable[[], None]) -> int:
    log = get_logger("process")
    try:
        body()
    except CannotStart as error:
        log.error("cannot start", reason=str(error))
        sys.stderr.write(f"{error}\n")  # last, and plain: a person or the supervisor reads it
        return MISCONFIGURED
    # The one place that says of any surprise what it was.
    except Exception:
        log.exception("a surprise: stopping, a restart tries again")
        return SURPRISED
    log.info("stopped")
    return STOPPED
