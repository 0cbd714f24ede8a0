"""The fleet simulator as a program: python -m kmonitor.fleet_simulator.main --help."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import uvloop

from kmonitor.fleet_simulator import settings, truth
from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.errors import CannotRun
from kmonitor.fleet_simulator.kiosk import Fate, Kiosk
from kmonitor.fleet_simulator.ledger import Aside, Began, Expected, Ledger, Over, Remembered, remember
from kmonitor.fleet_simulator.outages import Outages
from kmonitor.fleet_simulator.pace import Pace
from kmonitor.fleet_simulator.park import Park
from kmonitor.fleet_simulator.profile import Profile, profile
from kmonitor.fleet_simulator.progress import Progress
from kmonitor.fleet_simulator.registration import Office
from kmonitor.fleet_simulator.rhythm import instant
from kmonitor.fleet_simulator.scenarios.casting import Cast, cast
from kmonitor.fleet_simulator.sender import Sender
from kmonitor.fleet_simulator.settings import Settings
from kmonitor.fleet_simulator.spool import Place
from kmonitor.fleet_simulator.terminal import Terminal
from kmonitor.fleet_simulator.wire import Client, UnusableAddress

DRAIN_S = 10.0


async def run(said: Settings, counts: Counts, progress: Progress) -> None:
    """One run, from registration until it is cancelled or done. Raises CannotRun."""
    now = time.time()
    known = remember(said.data)
    if known.seed not in (None, said.seed):
        raise CannotRun(f"{said.data} holds the park of --seed {known.seed}: use that seed, or another folder.")
    begin = max(now - said.hours * 3600, known.last_at)
    park = [_profile(said, number) for number in range(1, said.terminals + 1)]
    troubles = cast(said.scenario, park, said.seed, begin if said.flat_out else now)
    for name in troubles.nobody:
        sys.stderr.write(f"no terminal of this park is free for the scenario {name}: it is left out\n")
    pace = Pace(now, said.speed)
    counts.terminals = len(park)
    client = Client(said.gateway, said.connections, said.encoding)
    with Ledger(said.data) as ledger:
        progress.phase = "register"
        office = Office(Client(said.gateway, said.connections), said.token, said.data, counts)
        keys = await office.keys_of(park, said.report_interval_s)
        ledger.append(_began(said, known.runs + 1, park, now))
        for line in _incidents(troubles, known.runs + 1, pace):
            ledger.append(line)
        repeat = 0.0 if said.calm else said.repeat
        sender = Sender(client, ledger, keys, counts, repeat=repeat, rate=said.rate)
        terminals = _terminals(known, park, _Birth(said.seed, begin, pace, troubles))
        counts.waiting = sum(len(each.waiting) for each in terminals)
        fleet = Park(terminals, sender, ledger, counts, said.batch)
        if said.prepare:
            progress.phase = "prepare"
            await asyncio.to_thread(fleet.prepare, now)
        progress.phase = "history"
        await fleet.catch_up(begin, now, said.connections)
        if said.flat_out:
            await fleet.catch_up(now, now, said.connections, patient=False)
            return
        progress.phase = "live"
        troubled = [] if said.calm else [who for who in park if not _is_spared(troubles, who)]
        outages = {who.terminal: Outages(who, said.seed, now, said.speed) for who in troubled}
        try:
            await fleet.live_on(said.report_interval_s, outages)
        finally:
            progress.phase = "stopping"
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_S):
                    await fleet.drain(said.connections)
            client.close()


def _profile(said: Settings, number: int) -> Profile:
    # A kiosk lives `speed` times as fast: its pause between heartbeats is stretched to stay one interval.
    heartbeat_s = said.report_interval_s * max(1.0, said.speed)
    return profile(said.seed, number, heartbeat_s=heartbeat_s, true_clock=said.calm)


class _Birth(NamedTuple):
    """What the lives of a park have in common."""

    seed: int
    begin: float
    pace: Pace
    troubles: Cast


def _terminals(known: Remembered, park: list[Profile], birth: _Birth) -> list[Terminal]:
    run, epoch = known.runs + 1, int(birth.begin)
    terminals = []
    for who in park:
        place = known.places.get(who.terminal, Place(epoch))
        kiosk = Kiosk(
            who,
            birth.seed,
            birth.begin,
            run,
            f"{place.epoch:x}-{run}",
            boxes=place.boxes,
            fate=birth.troubles.fates.get(who.terminal, Fate()),
        )
        terminals.append(Terminal(who, kiosk, birth.pace, place))
    return terminals


def _is_spared(troubles: Cast, who: Profile) -> bool:
    fate = troubles.fates.get(who.terminal)
    return fate is not None and fate.spared


def _began(said: Settings, run: int, park: list[Profile], now: float) -> Began:
    zones = {who.terminal: who.timezone for who in park}
    skews = {who.terminal: who.skew_s for who in park}
    return Began(run, said.seed, zones, skews, said.report_interval_s, None if said.flat_out else now)


def _incidents(troubles: Cast, run: int, pace: Pace) -> Iterator[Aside]:
    """What the run will show of many terminals as one, if it lasts long enough."""
    for number, part in enumerate(troubles.parts):
        if (trouble := part.scenario.incident()) is not None:
            name = f"incident/{run}/{number}"
            yield Expected(name, part.terminals, instant(pace.wall(part.start)), trouble)
            yield Over(name, instant(pace.wall(part.end)))


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
