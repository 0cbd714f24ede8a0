"""What is deployed, and whether a service would start on what a deployment tells it."""

import os
import re
import runpy
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from kmonitor.runtime.settings import PREFIX, ServiceSettings, load

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
CHART = ROOT / "helm" / "kmonitor"

# Tools that a person runs, and what runs on the kiosks: no deployment has them.
ELSEWHERE = {"cli", "fleet-simulator", "terminal-agent"}
PREPARE = "prepare"
# It runs in the image of this service, and needs what that knows.
PREPARES_IN = "event-archive"


def deployable() -> set[str]:
    """Every service that a deployment runs, by the folders of services/."""
    return {each.parent.name for each in (ROOT / "services").glob("*/pyproject.toml")} - ELSEWHERE


def read_yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def image_environment() -> dict[str, str]:
    """What the image itself says to every service."""
    return dict(re.findall(r"(KMONITOR_\w+)=(\S+)", (DEPLOY / "Dockerfile").read_text("utf-8")))


def settings_told(service: str, environment: Mapping[str, str]) -> ServiceSettings:
    """The settings as the service's process reads them. Raises CannotStart with what is missing or wrong."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with patch.dict(os.environ, {**told, **image_environment(), **environment}, clear=True):
        return load(_settings_of(service))


def _settings_of(service: str) -> type[ServiceSettings]:
    if service == PREPARE:
        settings: type[ServiceSettings] = runpy.run_path(str(DEPLOY / "prepare.py"))["Settings"]
        return settings
    module = f"kmonitor.{service.replace('-', '_')}.settings"
    if find_spec(module) is None:
        return ServiceSettings
    own: type[ServiceSettings] = import_module(module).Settings
    return own
