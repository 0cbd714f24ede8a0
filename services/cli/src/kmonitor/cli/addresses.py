"""Where a running KMonitor is to be asked, and with which token."""

import json
from pathlib import Path

from kmonitor.local.data_folder import DESCRIPTION


class NobodyToAsk(Exception):
    """The text says what to give."""


def addresses(data: Path, **given: str | None) -> dict[str, str]:
    """What was given, the rest as the local stack in `data` says it. Raises NobodyToAsk."""
    described: dict[str, str] = {}
    if not all(given.values()):
        file = data / DESCRIPTION
        try:
            described = json.loads(file.read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise NobodyToAsk(
                f"{file} describes no stack: start one (`kmonitor up`), name its folder with --data, or give "
                f"{_options(*given)}."
            ) from error
    # A stack has several tokens: the one to ask with is its administrator's.
    return {name: said or described["admin_token" if name == "token" else name] for name, said in given.items()}


def _options(*names: str) -> str:
    *others, last = (f"--{name.replace('_', '-')}" for name in names)
    return f"{', '.join(others)} and {last}"
