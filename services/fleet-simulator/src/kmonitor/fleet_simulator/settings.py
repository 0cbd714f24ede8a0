"""What a run of the simulator is told on its command line."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from kmonitor.fleet_simulator.scenarios.casting import NAMES, AnyScenario, Unreadable, read_scenario

ABOUT = """\
A park of payment kiosks that speaks KMonitor's public contract over HTTP: registers its terminals, sends
what happens on them (payments, notes, faults, heartbeats, outages with their backlog, reports sent twice),
and keeps the ground truth beside it: ledger.jsonl (every event before it is sent, every answer) and, at the
end, truth.json (money, conditions of units, cash in the boxes, sequence numbers, and what must be seen of
each --scenario). The same --data goes on where it stopped. More in the README beside the source."""

EXAMPLES = """\
examples:
  a park in real time        --gateway http://127.0.0.1:8080 --terminals 50
  alive at once, 20x faster  --gateway URL --terminals 500 --hours 4 --speed 20
  as fast as possible        --gateway URL --terminals 1000 --hours 24 --flat-out --batch 10 --prepare --calm
  with troubles              --gateway URL --terminals 100 --scenario jam --scenario power_outage:lasts=20m
"""


class Settings(Struct, frozen=True, kw_only=True):
    gateway: str
    token: str
    data: Path
    terminals: int
    seed: int
    hours: float
    speed: float
    report_interval_s: int
    flat_out: bool
    prepare: bool
    calm: bool
    repeat: float
    batch: int
    rate: float
    connections: int
    encoding: str
    seconds: float | None
    json: bool
    scenario: list[AnyScenario] = []


def read(arguments: Sequence[str] | None = None) -> Settings:
    """From the command line; a wrong one ends the program with a sentence and exit code 2."""
    said = _parser().parse_args(arguments)
    if not said.token:
        _parser().error("--token is missing: give the administrator's token, or set KMONITOR_ADMIN_TOKEN")
    if said.flat_out and not said.hours:
        _parser().error("--flat-out sends history: say how much of it with --hours")
    return Settings(**vars(said))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kmonitor.fleet_simulator.main",
        usage="python -m %(prog)s --gateway URL --token TOKEN [options]",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--gateway", required=True, metavar="URL", help="the ingest gateway")
    add("--token", default=os.environ.get("KMONITOR_ADMIN_TOKEN", ""), help="an administrator's token, to"
        " register terminals (or KMONITOR_ADMIN_TOKEN)")  # fmt: skip
    add("--data", type=Path, default=Path("var/park"), metavar="DIR", help="keys and ledger (%(default)s)")
    add("--terminals", type=_number(int, 1, 10**6), default=20, metavar="N", help="in the park (%(default)s)")
    add("--seed", type=int, default=1, metavar="K", help="the same seed is the same park (%(default)s)")
    add("--hours", type=_number(float, 0, 24 * 400), default=0.0, metavar="H",
        help="history to send first, as fast as possible (%(default)s)")  # fmt: skip
    add("--speed", type=_number(float, 0.01, 1000), default=1.0, metavar="S",
        help="how many times as fast it lives after that; times said stay real (%(default)s)")  # fmt: skip
    add("--report-interval", dest="report_interval_s", type=_number(int, 1, 86_400), default=60,
        metavar="SECONDS", help="of each terminal (%(default)s)")  # fmt: skip
    add("--flat-out", action="store_true", help="end when the history is sent, do not live on")
    add("--prepare", action="store_true", help="make all of the history before sending any of it")
    add("--calm", action="store_true", help="no outages, no reports sent twice, no wrong clocks")
    add("--scenario", type=_scenario, action="append", default=[], metavar="NAME[:KEY=VALUE,...]",
        help=f"a trouble with a known truth, any number of them: {', '.join(NAMES)}; keys of all are after,"
        " lasts (as -20m, 3h) and terminals")  # fmt: skip
    add("--repeat", type=_number(float, 0, 1), default=0.02, metavar="SHARE",
        help="of the reports that are sent more than once (%(default)s)")  # fmt: skip
    add("--batch", type=_number(int, 1, 10_000), default=100, metavar="N",
        help="events in one report at most (%(default)s)")  # fmt: skip
    add("--rate", type=_number(float, 0, 1_000_000), default=0.0, metavar="R",
        help="reports a second at most, 0 is no limit (%(default)s)")  # fmt: skip
    add("--connections", type=_number(int, 1, 4096), default=32, metavar="N", help="at most (%(default)s)")
    add("--encoding", choices=("identity", "gzip", "zstd"), default="identity",
        help="of the bodies (%(default)s)")  # fmt: skip
    add("--seconds", type=_number(float, 0, 10**9), metavar="N", help="stop by itself after so long")
    add("--json", action="store_true", help="say the numbers as one line of JSON a second")
    return parser


def _scenario(text: str) -> AnyScenario:
    try:
        return read_scenario(text)
    except Unreadable as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _number(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    def read_number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return read_number
