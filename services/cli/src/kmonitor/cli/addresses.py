"""Where a running KMonitor is to be asked, and with which token."""

import json
from dataclasses import dataclass
from pathlib import Path

from kmonitor.local.data_folder import DESCRIPTION


class NobodyToAsk(Exception):
    """The text says what to give."""


@dataclass(frozen=True)
class Addresses:
    query_api: str
    gateway: str
    token: str


def addresses(data: Path, token: str | None, query_api: str | None, gateway: str | None) -> Addresses:
    """What was given, the rest as the local stack in `data` says it. Raises NobodyToAsk."""
    described: dict[str, str] = {}
    if not (token and query_api and gateway):
        file = data / DESCRIPTION
        try:
            described = json.loads(file.read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise NobodyToAsk(
                f"{file} describes no stack: start one (`kmonitor up`), name its folder with --data, or give "
                "--query-api, --gateway and --token."
            ) from error
    return Addresses(
        query_api or described["query_api"],
        gateway or described["gateway"],
        token or described["admin_token"],
    )
