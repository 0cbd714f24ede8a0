"""Where the local stack finds what it runs from."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[5]
"""The root of the checkout."""

KAFKA = ROOT / "deploy" / "local" / "kafka"
"""The broker's pom and logging configuration."""

JARS = ROOT / "var" / "kafka-jars"
"""The broker's jars, one folder per version of the pom."""


def schemas_folder() -> Path:
    """Topics and migrations: the repository's own unless KMONITOR_SCHEMAS names another folder."""
    return Path(os.environ.get("KMONITOR_SCHEMAS") or ROOT / "schemas").resolve()
