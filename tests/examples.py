"""What lies in schemas/examples: the folder is the type (or the reason of a refusal), the name what is odd."""

from pathlib import Path
from typing import Any

import msgspec
from builders import EPOCH, SCHEMAS, TERMINAL, at
from msgspec import Struct

from kmonitor.events.schemas import EVENTS, OPERATIONS

FOLDER = SCHEMAS / "examples"


class Example(Struct, frozen=True):
    """One file. `kind` is the folder it lies in."""

    kind: str
    name: str
    raw: bytes

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def said(self) -> Any:
        return msgspec.json.decode(self.raw)


class Outcome(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a report that is received at this moment."""

    received_at: str
    accepted: int
    rejected: list[dict[str, Any]]
    clock_is_wrong: bool
    is_backlog: bool
    event_times: list[str]


def of(*kinds: str) -> list[Example]:
    return [_example(file) for kind in kinds for file in sorted((FOLDER / kind).glob("*.json"))]


def of_events() -> list[Example]:
    return of(*EVENTS)


def of_operations() -> list[Example]:
    return of(*OPERATIONS)


def unreadable() -> list[Example]:
    return [_example(file) for file in sorted((FOLDER / "unreadable").glob("*/*.json"))]


def of_reports() -> list[Example]:
    return [each for each in of("reports") if not each.name.endswith(".outcome")]


def outcome(report: Example) -> Outcome:
    return msgspec.json.decode((FOLDER / "reports" / f"{report.name}.outcome.json").read_bytes(), type=Outcome)


def posted(*items: bytes) -> bytes:
    """A report with these items, as a terminal posts it."""
    head = msgspec.json.encode({"terminal": TERMINAL, "epoch": EPOCH, "sent_at": at(0), "queued": 0})
    return head[:-1] + b',"events":[' + b",".join(items) + b"]}"


def _example(file: Path) -> Example:
    return Example(file.parent.name, file.stem, file.read_bytes())
