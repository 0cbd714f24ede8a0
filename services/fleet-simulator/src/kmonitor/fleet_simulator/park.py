"""A park at work: history first, as fast as it is taken, then each terminal in its own time."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence

from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.ledger import Ledger
from kmonitor.fleet_simulator.outages import Outages
from kmonitor.fleet_simulator.sender import Sender, TooLarge
from kmonitor.fleet_simulator.terminal import Terminal

SLICE_S = 3600.0
"""History is made by the hour, so that no terminal holds up the others for long."""


class Park:
    """Terminals with their sender; everything said goes to the ledger before it goes out."""

    def __init__(
        self, terminals: Sequence[Terminal], sender: Sender, ledger: Ledger, counts: Counts, batch: int
    ) -> None:
        self._terminals = terminals
        self._sender = sender
        self._ledger = ledger
        self._counts = counts
        self._batch = batch

    def prepare(self, until: float) -> None:
        """Let everybody live until then, and send nothing yet."""
        for terminal in self._terminals:
            self._live(terminal, until)

    async def catch_up(self, begin: float, until: float, at_a_time: int, *, patient: bool = True) -> None:
        """Send the history from `begin`; each terminal's in its own order, many terminals at a time.

        A `patient` park leaves what a terminal without a link has said with the terminal.
        """
        todo = deque(self._terminals)

        async def work() -> None:
            while todo:
                terminal = todo.popleft()
                moment = begin
                while moment < until:
                    moment = min(until, moment + SLICE_S)
                    self._live(terminal, moment)
                    if terminal.is_linked:
                        await self._send_what_waits(terminal)
                if not patient:
                    await self._send_what_waits(terminal)

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(at_a_time, len(self._terminals))):
                workers.create_task(work())

    async def live_on(self, interval_s: float, outages: Mapping[str, Outages]) -> None:
        """Until it is cancelled. What is under way then is in the ledger, and is sent by the next run."""
        async with asyncio.TaskGroup() as everybody:
            for number, terminal in enumerate(self._terminals):
                # Spread evenly, or all terminals would report in the same second.
                first = time.time() + interval_s * number / len(self._terminals)
                everybody.create_task(
                    self._report(terminal, outages.get(terminal.who.terminal), first, interval_s)
                )

    async def drain(self, at_a_time: int) -> None:
        """Send what still waits."""
        now = time.time()
        await self.catch_up(now - 1, now, at_a_time, patient=False)

    async def _report(self, terminal: Terminal, outages: Outages | None, due: float, interval_s: float) -> None:
        while True:
            wake = min(due, terminal.next_at) if terminal.waiting else terminal.next_at
            await asyncio.sleep(max(0.0, wake - time.time()))
            now = time.time()
            self._live(terminal, now)
            if terminal.waiting and (terminal.is_prompt or now >= due):
                due = now + interval_s
                if terminal.is_linked and (outages is None or not outages.is_down(now)):
                    await self._send_what_waits(terminal)

    async def _send_what_waits(self, terminal: Terminal) -> None:
        most = self._batch
        while terminal.waiting:
            try:
                await self._sender.deliver(terminal, terminal.next_batch(most))
            except TooLarge:
                if most == 1:
                    raise
                most = max(1, most // 2)

    def _live(self, terminal: Terminal, until: float) -> None:
        before = len(terminal.waiting)
        if told := terminal.live(until):
            self._ledger.said(told)
            self._counts.waiting += len(terminal.waiting) - before
