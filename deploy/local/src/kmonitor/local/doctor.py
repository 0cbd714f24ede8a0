"""What this machine has of what the local stack needs, and how to get the rest."""

import importlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from kmonitor.local import java
from kmonitor.local.errors import CannotStart
from kmonitor.local.kafka_jars import HOW_TO_GET_MAVEN, jars_folder
from kmonitor.local.plan import Plan
from kmonitor.local.ports import is_free

GIB = 1024**3
OLDEST_PYTHON = (3, 11)
LEAST_MEMORY = 3 * GIB
LEAST_DISK = 2 * GIB


@dataclass(frozen=True)
class Finding:
    """One thing looked at. What is not needed may be missing: the text says what for it would be."""

    name: str
    is_there: bool
    text: str
    is_needed: bool = True


def examine(plan: Plan) -> list[Finding]:
    """Everything the stack of this plan stands on."""
    checks: list[Callable[[], Finding]] = [_python, _java, _jars, _chdb, _memory, _chromium]
    return [check() for check in checks] + [_disk(plan.folder), _ports(plan)]


def is_fit(findings: list[Finding]) -> bool:
    return all(finding.is_there for finding in findings if finding.is_needed)


def _python() -> Finding:
    have = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        return Finding("Python", True, have)
    return Finding("Python", False, f"{have} is too old: install 3.11 or newer, `uv python install 3.11`.")


def _java() -> Finding:
    try:
        found = java.find_java()
    except CannotStart as error:
        return Finding("Java", False, str(error))
    return Finding("Java", True, f"{java.version_of(found)} ({found})")


def _jars() -> Finding:
    if jars_folder().is_dir():
        return Finding("Kafka", True, f"jars in {jars_folder()}")
    if shutil.which("mvn"):
        return Finding("Kafka", True, "Maven will fetch the jars at the first `kmonitor up`")
    return Finding("Kafka", False, HOW_TO_GET_MAVEN)


def _chdb() -> Finding:
    try:
        version = importlib.import_module("chdb").engine_version
    except ImportError as error:
        return Finding("ClickHouse engine", False, f"chDB does not load ({error}): run `make setup` again.")
    return Finding("ClickHouse engine", True, f"chDB, {version}")


def _memory() -> Finding:
    available = psutil.virtual_memory().available
    text = f"{available / GIB:.1f} GiB available"
    if available >= LEAST_MEMORY:
        return Finding("Memory", True, text)
    return Finding("Memory", False, f"{text}, {LEAST_MEMORY // GIB} GiB are needed: end other programs.")


def _disk(folder: Path) -> Finding:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free / GIB:.1f} GiB free at {existing}"
    if free >= LEAST_DISK:
        return Finding("Disk", True, text)
    return Finding("Disk", False, f"{text}, {LEAST_DISK // GIB} GiB are needed: free some, or use --data.")


def _ports(plan: Plan) -> Finding:
    taken = [f"{port} ({name})" for name, port in plan.ports.items() if not is_free(port)]
    ports = plan.ports.values()
    if not taken:
        return Finding("Ports", True, f"{min(ports)} to {max(ports)} are free")
    return Finding(
        "Ports",
        False,
        f"taken: {', '.join(taken)}. Stop what listens there (a stack of yours?), or use --port-base.",
    )


def _chromium() -> Finding:
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    installed = sorted(Path(kept).glob("chromium*"))
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found or installed:
        return Finding("Chromium", True, str(found or installed[-1]), is_needed=False)
    return Finding(
        "Chromium",
        False,
        "only the browser tests need it: `playwright install --with-deps chromium`,"
        " or `apt-get install chromium`.",
        is_needed=False,
    )
