"""Entries of the quarantine in words: a line each, or one in full."""

import json
from typing import Any

COLUMNS = ("received_at", "terminal", "epoch", "seq", "stage", "reason", "redriven", "identity")
SHOWN_APART = ("value_base64", "text", "taken_by", "redriven")


def table(entries: list[dict[str, Any]]) -> list[str]:
    """A head and a line for each; the identity last, for it is long."""
    if not entries:
        return ["Nothing is in quarantine that matches."]
    rows = [[name.replace("_", " ") for name in COLUMNS]]
    rows += [[_cell(entry, name) for name in COLUMNS] for entry in entries]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def in_full(entry: dict[str, Any]) -> list[str]:
    """All that is known, then the exact bytes."""
    lines = [f"{name:19} {_plain(value)}" for name, value in entry.items() if name not in SHOWN_APART]
    lines.append(f"{'re-driven':19} {_redriven(entry)}")
    if entry["taken_by"] is not None:
        lines.append(f"{'number taken by':19} {taken_by(entry)}")
    lines.append(f"{'base64':19} {entry['value_base64']}")
    text = entry["text"]
    lines.append(f"{'text':19} {'not UTF-8' if text is None else text}")
    return lines


def named(entry: dict[str, Any]) -> str:
    """What a person knows it by."""
    place = [str(entry[name]) for name in ("terminal", "epoch", "seq") if entry[name] is not None]
    return f"{'/'.join(place)} ({entry['reason']}, {entry['identity']})".strip()


def taken_by(entry: dict[str, Any]) -> str:
    """The event that counts under its number."""
    event = entry["taken_by"]
    return f"{json.dumps(event['event'], ensure_ascii=False)}, received {event['received_at']}"


def _redriven(entry: dict[str, Any]) -> str:
    done = entry["redriven"]
    if done is None:
        return "no"
    place = done["position"]
    return f"{done['at']} by {done['by']}, log {place['partition']}/{place['offset']}"


def _cell(entry: dict[str, Any], name: str) -> str:
    if name == "redriven":
        return "no" if entry[name] is None else str(entry[name]["at"])
    return _plain(entry[name])


def _plain(value: Any) -> str:
    return "-" if value is None else str(value)
