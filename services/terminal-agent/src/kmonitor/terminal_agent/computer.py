"""How the kiosk's computer is, as far as it can tell."""

import time
from pathlib import Path
from typing import Any

import psutil

MIB = 2**20


def health(folder: Path) -> dict[str, float | None]:
    """The fields of a heartbeat. The disk is the one `folder` is on; CPU is measured since the last call."""
    return {
        "uptime_s": round(max(0.0, time.time() - psutil.boot_time())),
        "cpu_percent": psutil.cpu_percent(),
        "memory_percent": psutil.virtual_memory().percent,
        "disk_free_mb": psutil.disk_usage(str(folder)).free // MIB,
        "temperature_c": _temperature_c(),
    }


def _temperature_c() -> float | None:
    """The hottest sensor; None where there is none, as on Windows."""
    sensors: dict[str, list[Any]] = getattr(psutil, "sensors_temperatures", dict)()
    found = [each.current for group in sensors.values() for each in group if each.current]
    return max(found, default=None)
