"""A large registry: how soon the query API starts, how quickly it lists terminals, and what it weighs.

PYTHONPATH=tests python -m bench.registry [--registered 100000] [--active 10000]
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx
import psutil
from backends import a_clickhouse, a_kafka
from builders import SCHEMAS, heartbeat, note, printer, report, started, validator
from query_process import BEARER, QueryApi, Said, operation, publish

from bench.table import percentile
from kmonitor.clickhouse.migrations import migrate
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.office.terminals import TerminalKeyIssued, TerminalRegistered
from kmonitor.events.operations import IssuedKey
from kmonitor.kafka.topics import ensure_topics

REGIONS, DEALERS = 40, 200
ASKED = 50
PIECE = 10_000
QUESTIONS: dict[str, dict[str, str]] = {
    "the first page": {},
    "by status": {"status": "new", "region": "region-7"},
    "by dealer": {"dealer": "dealer-13", "limit": "1000"},
    "a word": {"q": "street 99"},
    "nobody": {"q": "nowhere to be found"},
}


def registered(count: int) -> Iterator[Said]:
    for number in range(count):
        body = TerminalRegistered(
            terminal=name(number),
            name=f"Kiosk {number}",
            address=f"Moscow, street {number}",
            region=f"region-{number % REGIONS}",
            dealer=f"dealer-{number % DEALERS}",
            timezone="Europe/Moscow",
            report_interval_s=60,
        )
        yield operation(body)
        key = IssuedKey(key_id=f"key-{number}", secret_sha256="0" * 64)
        yield operation(TerminalKeyIssued(terminal=name(number)), key=key)


def states(count: int) -> Iterator[Said]:
    for number in range(count):
        said = report(
            started(1), validator(2, "14"), printer(3, "ok"), note(4), heartbeat(5, 30), terminal=name(number)
        )
        yield after_report(TerminalState(terminal=name(number)), said, partition=0, offset=number)


def pieces(of: Iterator[Said]) -> Iterator[list[Said]]:
    """So many as a producer may hold."""
    while piece := list(islice(of, PIECE)):
        yield piece


def name(number: int) -> str:
    return f"T-{number:06d}"


def ask(api: QueryApi, parameters: dict[str, str]) -> list[float]:
    took = []
    with httpx.Client(base_url=api.url, headers=BEARER, timeout=30) as client:
        for _ in range(ASKED):
            begun = time.perf_counter()
            client.get("/v1/terminals", params=parameters).raise_for_status()
            took.append(1000 * (time.perf_counter() - begun))
    return sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registered", type=int, default=100_000)
    parser.add_argument("--active", type=int, default=10_000)
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        a_kafka(Path(folder) / "kafka") as kafka,
        a_clickhouse(Path(folder) / "clickhouse") as clickhouse,
    ):
        ensure_topics(kafka, SCHEMAS / "topics")
        migrate(clickhouse, SCHEMAS / "clickhouse")
        for said in pieces(registered(wanted.registered)):
            publish(kafka, *said)
        for said in pieces(states(wanted.active)):
            publish(kafka, *said)
        begun = time.perf_counter()
        with QueryApi(kafka, clickhouse, Path(folder)) as api:
            took = time.perf_counter() - begun
            memory = psutil.Process(api.pid).memory_info().rss / 1e6
            print(
                f"{wanted.registered:,} terminals registered, {wanted.active:,} active:"
                f" the query API is ready after {took:.1f} s and weighs {memory:.0f} MB"
            )
            for label, parameters in QUESTIONS.items():
                times = ask(api, parameters)
                print(f"  {label:16} p50 {percentile(times, 0.5):6.1f} ms  most {times[-1]:6.1f} ms")


if __name__ == "__main__":
    main()
