"""How the figures are shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from bench.load import EVENTS
from bench.path import Run


def show(run: Run) -> None:
    """One steady rate as a few lines and a table of costs."""
    verdict = "keeps up" if run.keeps_up else "falls behind"
    print(
        f"\n{run.wanted:,.0f} events/s wanted, {run.taken:,.0f} taken: {verdict}; drained {run.drained_s:.1f} s"
        f" after the last report; {run.again} asked to try again; gateway p50 {run.gateway_p50_ms:.0f} ms,"
        f" p99 {run.gateway_p99_ms:.0f} ms"
    )
    print(f"  {'process':16} {'µs/event':>9} {'µs/report':>10} {'behind at 1/3':>14} {'at the end':>11}")
    for name, cpu_s in sorted(run.cpu_s.items(), key=lambda each: -each[1]):
        cost = 1e6 * cpu_s / run.events
        behind = [f"{each[name]:,.0f}" if name in each else "" for each in (run.behind_early, run.behind_late)]
        print(f"  {name:16} {cost:9.1f} {cost * EVENTS:10.0f} {behind[0]:>14} {behind[1]:>11}")
    total = 1e6 * sum(run.cpu_s.values()) / run.events
    print(f"  {'all':16} {total:9.1f} {total * EVENTS:10.0f}   (CPU µs, of {psutil.cpu_count()} cores)")


def percentile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def keep(path: Path, runs: list[Run], others: dict[str, Any]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [asdict(run) | {"keeps_up": run.keeps_up} for run in runs]
    path.write_text(json.dumps({"runs": kept, **others}, indent=2) + "\n")
