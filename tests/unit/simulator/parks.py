"""Small parks for tests, against a gateway's twin."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from unit.simulator.twin import ADMIN, Twin

from kmonitor.fleet_simulator import main
from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.progress import Progress
from kmonitor.fleet_simulator.settings import Settings

FLAT_OUT = Settings(
    gateway="", token=ADMIN, data=Path(), terminals=5, seed=1, hours=2.0, speed=1.0, report_interval_s=60,
    flat_out=True, prepare=False, calm=False, repeat=0.3, batch=20, rate=0.0, connections=8,
    encoding="identity", seconds=None, json=True,
)  # fmt: skip


async def run_park(twin: Twin, folder: Path, **changed: Any) -> Counts:
    """Run a park until its history is sent; it answers with its numbers."""
    counts = Counts()
    said = replace(FLAT_OUT, gateway=twin.url, data=folder, **changed)
    await main.run(said, counts, Progress(counts, as_json=True))
    return counts
