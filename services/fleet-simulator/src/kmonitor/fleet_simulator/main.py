"""The fleet simulator as a program: python -m kmonitor.fleet_simulator.main --help."""

import asyncio
import signal
import sys
import time
from contextlib import suppress

import uvloop

from kmonitor.fleet_simulator import settings, truth
from kmonitor.fleet_simulator.birth import Birth
from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.errors import CannotRun
from kmonitor.fleet_simulator.kiosk import NO_FATE
from kmonitor.fleet_simulator.ledger import Ledger, remember
from kmonitor.fleet_simulator.outages import Outages
from kmonitor.fleet_simulator.park import Park
from kmonitor.fleet_simulator.profile import Profile, profile
from kmonitor.fleet_simulator.progress import Progress
from kmonitor.fleet_simulator.registration import Office
from kmonitor.fleet_simulator.scenarios.casting import Cast
from kmonitor.fleet_simulator.sender import Sender
from kmonitor.fleet_simulator.settings import Settings
from kmonitor.fleet_simulator.wire import Client, UnusableAddress

DRAIN_S = 10.0


async def run(said: Settings, counts: Counts, progress: Progress) -> None:
    """One run, from registration until it is cancelled or done. Raises CannotRun."""
    known = remember(said.data)
    if known.seed not in (None, said.seed):
        raise CannotRun(f"{said.data} holds the park of --seed {known.seed}: use that seed, or another folder.")
    park = [_profile(said, number) for number in range(1, said.terminals + 1)]
    counts.terminals = len(park)
    with Ledger(said.data) as ledger:
        progress.phase = "register"
        office = Office(Client(said.gateway, said.connections), said.token, said.data, counts)
        keys = await office.keys_of(park, said.report_interval_s)
        born = Birth(said, known, park, time.time())
        troubles = born.troubles()
        for name in troubles.nobody:
            sys.stderr.write(f"no terminal of this park is free for the scenario {name}: it is left out\n")
        for line in born.lines(troubles):
            ledger.append(line)
        client = Client(said.gateway, said.connections, said.encoding)
        repeat = 0.0 if said.calm else said.repeat
        sender = Sender(client, ledger, keys, counts, repeat=repeat, rate=said.rate)
        terminals = born.terminals(troubles)
        counts.waiting = sum(len(each.waiting) for each in terminals)
        fleet = Park(terminals, sender, ledger, counts, said.batch)
        if said.prepare:
            progress.phase = "prepare"
            await asyncio.to_thread(fleet.prepare, born.now)
        progress.phase = "history"
        await fleet.catch_up(born.begin, born.now, said.connections)
        if said.flat_out:
            await fleet.catch_up(born.now, born.now, said.connections, patient=False)
            return
        progress.phase = "live"
        try:
            await _live_on(fleet, _outages(born, troubles), said, progress)
        finally:
            client.close()


async def _live_on(fleet: Park, outages: dict[str, Outages], said: Settings, progress: Progress) -> None:
    try:
        await fleet.live_on(said.report_interval_s, outages)
    finally:
        progress.phase = "stopping"
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await fleet.drain(said.connections)


def _outages(born: Birth, troubles: Cast) -> dict[str, Outages]:
    """Of everybody whom no scenario spares them."""
    if born.said.calm:
        return {}
    return {
        who.terminal: Outages(who, born.said.seed, born.now, born.said.speed)
        for who in born.park
        if not troubles.fates.get(who.terminal, NO_FATE).spared
    }


def _profile(said: Settings, number: int) -> Profile:
    # A kiosk lives `speed` times as fast: its pause between heartbeats is stretched to stay one interval.
    heartbeat_s = said.report_interval_s * max(1.0, said.speed)
    return profile(said.seed, number, heartbeat_s=heartbeat_s, true_clock=said.calm)


async def _until_told(said: Settings, counts: Counts, progress: Progress) -> None:
    """Run until done, until `--seconds` are over, or until SIGINT or SIGTERM."""
    work = asyncio.create_task(run(said, counts, progress))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    if said.seconds is not None:
        loop.call_later(said.seconds, work.cancel)
    saying = asyncio.create_task(progress.keep_saying())
    try:
        with suppress(asyncio.CancelledError):
            await work
        progress.say(last=True)
    finally:
        saying.cancel()


def main() -> None:
    said = settings.read()
    counts = Counts()
    try:
        uvloop.run(_until_told(said, counts, Progress(counts, as_json=said.json)))
        file = truth.write(said.data)
    except* (CannotRun, UnusableAddress) as failures:
        sys.stderr.write(f"{_first(failures)}\n")
        sys.exit(2)
    if not said.json:
        sys.stdout.write(f"the ground truth is in {file}\n")


def _first(failures: BaseException) -> BaseException:
    """One of several failures at once: one sentence is enough."""
    while isinstance(failures, BaseExceptionGroup):
        failures = failures.exceptions[0]
    return failures


if __name__ == "__main__":
    main()
