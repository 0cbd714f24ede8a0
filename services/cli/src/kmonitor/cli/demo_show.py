"""The demo itself: the stack and the simulator as child processes, and what is seen of them each second."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from kmonitor.local import processes
from kmonitor.local.data_folder import DESCRIPTION

STOP_DEADLINE_S = 60.0
FAULTS_SHOWN = 8
SIMULATOR = "simulator"
TROUBLES = (
    "paper_out:terminals=4,after=-40m,lasts=3h",
    "stacker_full:terminals=3,after=-20m,lasts=4h",
    "jam:terminals=2,after=10m,lasts=2h",
    "backlog:terminals=2,after=-1d,lasts=25h",
    "reinstalled:after=15m",
    "restored_spool:after=20m",
    "wrong_clock:terminals=4,after=25m,lasts=6h",
    "gateway_down:recipient=beeline,after=30m,lasts=2h",
    "power_outage:region=Омская область,after=1h,lasts=90m",
    "operator_down:operator=МегаФон,region=Санкт-Петербург,after=100m,lasts=1h",
    "rejecting_firmware:firmware=V7-RU08,after=2h",
)
"""What goes wrong beside everyday wear, by the park's own time: a few kiosks each, so that most work."""


class Ended(Exception):
    """A part of the demo ended by itself; the text says why, `code` is for the shell."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Demo:
    """What the person asked for."""

    folder: Path
    port_base: int
    fresh: bool
    terminals: int
    hours: float
    speed: float
    seed: int
    seconds: float | None


@dataclass(frozen=True)
class Sight:
    """What is to be seen now. `summary` and `faults` are the query API's, None while it does not answer."""

    page: str
    seconds: float
    park: dict[str, Any]
    summary: dict[str, Any] | None
    faults: list[dict[str, Any]]


class Screen(Protocol):
    """Where a demo is seen."""

    def say(self, text: str) -> None:
        """One line of the beginning or the end."""

    def show(self, sight: Sight) -> None:
        """The present state, in place of the last one."""

    def close(self) -> None:
        """Nothing more will be shown, only said."""


def run(demo: Demo, screen: Screen) -> None:
    """Until Ctrl-C or until the time is over; nothing is left running. Raises Ended if a part gave up."""
    with _ctrl_c_is_an_end(), _stack(demo, screen) as (stack, described):
        screen.say(f"feeding {demo.terminals} kiosks with {demo.hours:g} hours of history…")
        with _simulator(demo, described, screen) as simulator:
            _watch(demo, described, {"the stack": stack, "the simulator": simulator}, screen)


def _watch(
    demo: Demo, described: dict[str, Any], parts: dict[str, subprocess.Popen[bytes]], screen: Screen
) -> None:
    page = f"{described['web']}/#token={described['admin_token']}"
    headers = {"Authorization": f"Bearer {described['admin_token']}"}
    began = time.monotonic()
    with httpx.Client(base_url=described["query_api"], headers=headers, timeout=3) as client:
        while demo.seconds is None or time.monotonic() - began < demo.seconds:
            for name, process in parts.items():
                if (code := process.poll()) is not None:
                    screen.close()
                    raise Ended(f"{name} ended: {_last_words(demo, name)}", code if code == 2 else 1)
            summary = _read(client, "/v1/summary")
            open_faults = _read(client, f"/v1/faults?status=open&limit={FAULTS_SHOWN}") or {"items": []}
            seconds = time.monotonic() - began
            screen.show(Sight(page, seconds, _park(demo), summary, open_faults["items"]))
            time.sleep(1)


@contextmanager
def _stack(demo: Demo, screen: Screen) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    description = demo.folder / DESCRIPTION
    log = _log(demo, "the stack")
    log.unlink(missing_ok=True)
    description.unlink(missing_ok=True)
    where = ["--data", str(demo.folder), "--port-base", str(demo.port_base)]
    up = [sys.executable, "-m", "kmonitor.cli.main", "up", *where, *(["--fresh"] if demo.fresh else [])]
    process = processes.spawn(up, log=log)
    try:
        told = 0
        while not description.exists():
            if process.poll() is not None:
                raise Ended(processes.last_lines(log, count=1), process.returncode)
            told = _pass_on(log, told, screen)
            time.sleep(0.1)
        yield process, json.loads(description.read_text())
    finally:
        screen.close()
        screen.say("stopping the stack…")
        processes.stop(process, STOP_DEADLINE_S)
        screen.say(f"stopped; the data are kept in {demo.folder}")


@contextmanager
def _simulator(demo: Demo, described: dict[str, Any], screen: Screen) -> Iterator[subprocess.Popen[bytes]]:
    log = _log(demo, "the simulator")
    log.unlink(missing_ok=True)
    said = {
        "--gateway": described["gateway"],
        "--data": demo.folder / SIMULATOR,
        "--terminals": demo.terminals,
        "--hours": demo.hours,
        "--speed": demo.speed,
        "--seed": demo.seed,
        "--report-interval": 30,
    }
    words = [str(word) for pair in said.items() for word in pair]
    words += [word for trouble in TROUBLES for word in ("--scenario", trouble)]
    process = processes.spawn(
        [sys.executable, "-m", "kmonitor.fleet_simulator.main", "--json", *words],
        log=log,
        env=os.environ | {"KMONITOR_ADMIN_TOKEN": described["admin_token"]},
    )
    try:
        yield process
    finally:
        screen.close()
        screen.say("stopping the park: its last events are sent, its ground truth is written…")
        processes.stop(process, STOP_DEADLINE_S)


@contextmanager
def _ctrl_c_is_an_end() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        return


def _log(demo: Demo, name: str) -> Path:
    """The stack's own words stand beside its folder, which must be empty before its first start."""
    if name == "the stack":
        return demo.folder.with_name(f"{demo.folder.name}-up.log")
    return demo.folder / "logs" / f"{SIMULATOR}.log"


def _last_words(demo: Demo, name: str) -> str:
    return processes.last_lines(_log(demo, name), count=1) or "it said nothing"


def _pass_on(log: Path, told: int, screen: Screen) -> int:
    """Say what the stack has said since, line by line."""
    if not log.exists():
        return told
    lines = log.read_text(errors="replace").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    for line in whole[told:]:
        screen.say(line.rstrip())
    return len(whole)


def _park(demo: Demo) -> dict[str, Any]:
    """The simulator's last whole line, which is its present numbers."""
    for line in reversed(processes.last_lines(_log(demo, "the simulator"), count=2).splitlines()):
        if line.startswith("{") and line.endswith("}"):
            numbers: dict[str, Any] = json.loads(line)
            return numbers
    return {"phase": "starting"}


def _read(client: httpx.Client, path: str) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = client.get(path).raise_for_status().json()
    except (httpx.TransportError, httpx.HTTPStatusError):
        return None
    return answer
