"""The supervisor over small programs: order, restarts, and that nothing is left behind."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kmonitor.local import processes
from kmonitor.local.ports import free_ports, wait_until

SCRIPT = Path(__file__).with_name("supervised.py")
PATIENCE_S = 30.0

SERVER = """
import http.server, sys
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ok).serve_forever()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER
WRONGLY_SET = "import sys; print('KMONITOR_KAFKA is missing: set it'); sys.exit(2)"


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, services: dict[str, str]) -> None:
        self.folder = folder
        ports = free_ports(len(services) + 1)
        programs = {
            "foundations": [["ground", ports[0], SERVER]],
            "services": [
                [name, port, code] for (name, code), port in zip(services.items(), ports[1:], strict=True)
            ],
        }
        self.process = processes.spawn(
            [sys.executable, SCRIPT, folder, json.dumps(programs)], log=folder / "said.txt"
        )

    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = json.loads((self.folder / "pids.json").read_text())
        return pids

    def is_ready(self) -> bool:
        return (self.folder / "pids.json").exists()

    def said(self) -> str:
        return (self.folder / "said.txt").read_text()


Start = Callable[[dict[str, str]], Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Supervised] = []

    def begin(services: dict[str, str]) -> Supervised:
        started.append(Supervised(tmp_path, services))
        return started[-1]

    try:
        yield begin
    finally:
        for each in started:
            processes.kill(each.process)


def running(start: Start, services: dict[str, str]) -> Supervised:
    supervised = start(services)
    assert wait_until(supervised.is_ready, PATIENCE_S), supervised.said()
    return supervised


def nothing_left(pids: dict[str, int]) -> bool:
    return not any(processes.is_alive(pid) for pid in pids.values())


def test_services_start_on_laid_ground(start: Start) -> None:
    said = running(start, {"one": SERVER, "two": SERVER}).said().splitlines()
    assert said[:2] == ["ground ready", "ground ready"]  # the program, then what was made on it
    assert sorted(said[2:]) == ["one ready", "two ready"]


def test_a_killed_program_starts_again_under_a_new_pid(start: Start) -> None:
    supervised = running(start, {"one": SERVER, "two": SERVER})
    before = supervised.pids()
    for name in ("ground", "one"):
        os.kill(before[name], signal.SIGKILL)
    assert wait_until(lambda: not before.items() & {*supervised.pids().items()} - {("two", before["two"])}, 10)
    after = supervised.pids()
    assert after["two"] == before["two"]
    assert all(processes.is_alive(pid) for pid in after.values())
    assert "one was killed by signal 9" in supervised.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_everything_in_good_order(start: Start, number: signal.Signals) -> None:
    supervised = running(start, {"one": SERVER})
    pids = supervised.pids()
    supervised.process.send_signal(number)
    assert supervised.process.wait(PATIENCE_S) == 0
    assert nothing_left(pids)


def test_a_second_ctrl_c_does_not_wait_for_the_deaf(start: Start) -> None:
    supervised = running(start, {"deaf": DEAF})
    pids = supervised.pids()
    supervised.process.send_signal(signal.SIGINT)
    assert wait_until(lambda: "stopping" in supervised.said(), PATIENCE_S)
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(5) == 0
    assert nothing_left(pids)


def test_children_do_not_outlive_a_killed_supervisor(start: Start) -> None:
    supervised = running(start, {"one": SERVER, "deaf": DEAF})
    pids = supervised.pids()
    supervised.process.kill()
    assert wait_until(lambda: nothing_left(pids), 5)


def test_a_wrong_setting_is_told_and_ends_the_start(start: Start) -> None:
    supervised = start({"one": SERVER, "wrong": WRONGLY_SET})
    assert supervised.process.wait(PATIENCE_S) == 1
    assert "cannot start: wrong cannot start: KMONITOR_KAFKA is missing: set it" in supervised.said()
