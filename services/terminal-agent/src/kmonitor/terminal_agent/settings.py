"""What the agent is told: one TOML file, and above it the environment (KMONITOR_AGENT_PORT over `port`)."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct, field

from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.reports import Compression

PREFIX = "KMONITOR_AGENT_"
FILE = "agent.toml"
# No user in it: it is shown in the status and in the log.
URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def home(windows: bool | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the agent lives unless it is told otherwise."""
    if os.name == "nt" if windows is None else windows:
        return Path(environment.get("PROGRAMDATA", r"C:\ProgramData")) / "KMonitor"
    return Path("/var/lib/kmonitor-agent")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`credential` and `data` have their places in the home; without `inbox` no folder is watched."""

    gateway: str
    terminal: Annotated[str, Meta(min_length=1, max_length=128)]
    data: Path = field(default_factory=home)
    credential: Path | None = None
    inbox: Path | None = None
    port: Annotated[int, Meta(ge=0, le=65535)] = 8765
    compression: Compression = "zstd"
    events_a_report: Annotated[int, Meta(ge=1, le=10_000)] = 500
    bytes_a_report: Annotated[int, Meta(ge=1024, le=2**20)] = 256 * 1024
    spool_limit_mb: Annotated[int, Meta(ge=1, le=2**20)] = 256
    report_interval_s: Annotated[float, Meta(ge=1, le=86_400)] = 60
    retry_at_most_s: Annotated[float, Meta(ge=1, le=3600)] = 60
    started_reason: Literal["power_on", "reboot", "watchdog", "update", "unknown"] = "unknown"
    software: Annotated[str, Meta(max_length=1024)] | None = None
    timezone: Annotated[str, Meta(max_length=1024)] | None = None

    def __post_init__(self) -> None:
        if not _is_address(self.gateway):
            raise ValueError("`gateway` must be as https://gateway.example.org")

    @property
    def credential_file(self) -> Path:
        return self.credential or self.data / "credential"


def read(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Raises CannotRun. Without `file`, the one in the home if it is there."""
    told = _file(file) | _environment(environment)
    try:
        return msgspec.convert(told, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise CannotRun(f"The settings ({FILE} and {PREFIX}*) are wrong: {error}.") from error


def _file(file: Path | None) -> dict[str, Any]:
    chosen = home() / FILE if file is None else file
    if file is None and not chosen.exists():
        return {}
    try:
        return tomllib.loads(chosen.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CannotRun(f"{chosen} cannot be read: {error}.") from error


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }


def _is_address(text: str) -> bool:
    try:
        return URL.fullmatch(text) is not None and urlsplit(text).port != 0
    except ValueError:
        return False


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError(f"expected a path, got {value!r}")
