"""How the kiosk's computer is, as far as it can tell."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

MIB = 2**20


class Computer:
    """The disk is the one that `folder` is on; CPU is measured from one look to the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        _known(psutil.cpu_percent)

    def health(self) -> dict[str, float | None]:
        """The fields of a heartbeat; None for what this machine does not tell."""
        return {
            "uptime_s": _known(lambda: round(max(0.0, time.time() - psutil.boot_time()))),
            "cpu_percent": _known(psutil.cpu_percent),
            "memory_percent": _known(lambda: psutil.virtual_memory().percent),
            "disk_free_mb": _known(lambda: psutil.disk_usage(self._folder).free // MIB),
            "temperature_c": _known(_temperature_c),
        }


def _known(ask: Callable[[], float | None]) -> float | None:
    """Old kernels, containers and odd boards lack one thing or another: that must not silence the rest."""
    try:
        return ask()
    except (OSError, RuntimeError, psutil.Error):
        return None


def _temperature_c() -> float | None:
    """The hottest sensor; Windows has none."""
    sensors: dict[str, list[Any]] = getattr(psutil, "sensors_temperatures", dict)()
    found = [each.current for group in sensors.values() for each in group if each.current]
    return max(found, default=None)
