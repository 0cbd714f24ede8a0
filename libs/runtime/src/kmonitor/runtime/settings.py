"""What the environment says to a process: read once, in main, and refused in one sentence."""

import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.schemas import find_schemas

PREFIX = "KMONITOR_"
HEX_32 = re.compile(r"[0-9a-fA-F]{64}")
BROKERS = re.compile(r"[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*")
INSTANCE = re.compile(r"[A-Za-z0-9._-]{1,200}")


def _brokers(value: str) -> str:
    if not BROKERS.fullmatch(value):
        raise ValueError("must be host:port, several with commas, for example 127.0.0.1:9092")
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+/?", value):
        raise ValueError("must be http://host:port, for example http://127.0.0.1:8123")
    return value.rstrip("/")


def _instance(value: str) -> str:
    if not INSTANCE.fullmatch(value):
        raise ValueError("must be letters, digits, '.', '_' and '-' only, for example revenue-rollup-0")
    return value


def _secret(value: object) -> bytes:
    if not isinstance(value, str) or not HEX_32.fullmatch(value):
        raise ValueError("must be 64 hexadecimal digits (32 bytes), for example from `openssl rand -hex 32`")
    return bytes.fromhex(value)


def _token_hash(value: str) -> str:
    if not HEX_32.fullmatch(value):
        raise ValueError("must be the SHA-256 of the administrator's token, 64 hexadecimal digits")
    return value.lower()


Brokers = Annotated[str, AfterValidator(_brokers)]
ClickHouseUrl = Annotated[str, AfterValidator(_url)]
"""For the services that keep or read tables: `clickhouse: ClickHouseUrl`."""
Secret = Annotated[bytes, BeforeValidator(_secret), Field(repr=False)]
"""The 32 bytes of the HMAC key: `secret: Secret`."""
TokenHash = Annotated[str, AfterValidator(_token_hash), Field(repr=False)]
"""The bootstrap administrator's token, hashed: `admin_token_sha256: TokenHash`."""


class ServiceSettings(BaseSettings):
    """What every service is told; a service adds its own: `class Settings(ServiceSettings): secret: Secret`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", validate_default=True)

    kafka: Brokers
    instance: Annotated[str, AfterValidator(_instance)]
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)]
    schemas: Annotated[Path, Field(default_factory=find_schemas)]
    data: Path = Path("var/data")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    replication: Annotated[int, Field(ge=1, le=9)] = 1


SettingsType = TypeVar("SettingsType", bound=BaseSettings)


def load(settings: type[SettingsType]) -> SettingsType:
    """The settings of this process. Raises CannotStart with one sentence that names each wrong variable."""
    try:
        return settings()
    except ValidationError as error:
        # Never the value: it may be a secret.
        faults = [_fault(str(fault["loc"][0]), fault["type"], fault["msg"]) for fault in error.errors()]
        raise CannotStart("; ".join(faults) + ".") from None


def _fault(field: str, kind: str, message: str) -> str:
    variable = PREFIX + field.upper()
    if kind == "missing":
        return f"{variable} is missing: {HELP.get(field, 'set it')}"
    return f"{variable} is wrong: it {message.removeprefix('Value error, ').removeprefix('Input ')}"


HELP = {
    "kafka": "set it to the broker's host:port, for example 127.0.0.1:9092",
    "instance": "set it to a name of this instance that stays over restarts, for example revenue-rollup-0",
    "http_port": "set it to the port for the API, health and metrics",
    "clickhouse": "set it to ClickHouse's HTTP address, for example http://127.0.0.1:8123",
    "secret": "set it to 64 hexadecimal digits, for example from `openssl rand -hex 32`",
    "admin_token_sha256": "set it to the SHA-256 of the administrator's token, in hexadecimal",
}
