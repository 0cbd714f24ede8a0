"""`make bench`: the speed of the whole path, the cost of each service, and how soon a payment shows.

Rates rise until a follower falls behind; the rest of the machine should be idle. Figures go to var/bench.json.
"""

import argparse
import tempfile
from pathlib import Path

import psutil
import uvloop

from bench.load import Load
from bench.path import TERMINALS, Bench, Run
from bench.table import keep, percentile, show
from kmonitor.local.stack import Stack

RATES = (4_000, 6_000, 8_000, 10_000, 12_000, 15_000)
SHOWN_AT = 4_000


async def measure(stack: Stack, terminals: int, seconds: float, rates: tuple[int, ...]) -> None:
    bench = Bench(stack)
    print(f"registering {terminals:,} terminals ...", flush=True)
    load = Load(bench.park.gateway, await bench.kiosks(terminals))
    await bench.run(load, 2_000, 5)  # warms everything up
    latencies = await bench.shown(load, SHOWN_AT, seconds)
    p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
    print(
        f"from POST to the live stream at {SHOWN_AT:,} events/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        f" ({len(latencies)} payments)"
    )
    runs: list[Run] = []
    for rate in rates:
        runs.append(await bench.run(load, rate, seconds))
        show(runs[-1])
        if not runs[-1].keeps_up:
            break
    load.over = True
    memory = {
        name: psutil.Process(pid).memory_info().rss / 1e6 for name, pid in stack.describe()["pids"].items()
    }
    print("\nmemory, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))
    shown = {"at_events_per_s": SHOWN_AT, "p50_ms": p50, "p99_ms": p99, "payments": len(latencies)}
    keep(Path("var/bench.json"), runs, {"shown": shown, "terminals": terminals, "memory_mb": memory})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="of each rate")
    parser.add_argument("--terminals", type=int, default=TERMINALS)
    parser.add_argument("--rates", type=lambda text: tuple(map(int, text.split(","))), default=RATES)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kmonitor-bench-") as folder, Stack(Path(folder) / "data") as stack:
        uvloop.run(measure(stack, said.terminals, said.seconds, said.rates))


if __name__ == "__main__":
    main()
