"""AsyncAPI 3.0: every topic with its messages, who writes and reads it, and how long it is kept."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.events.log import Report, Tick
from kmonitor.events.operations import Operation
from kmonitor.events.schemas import Schema, components
from kmonitor.kafka import topics
from kmonitor.kafka.quarantine import HEADERS, QuarantineEntry
from kmonitor.kafka.topics import Topic, read_topics

REF = "#/components/schemas/{name}"
BOUND = ("cleanup.policy", "retention.ms", "retention.bytes", "delete.retention.ms", "max.message.bytes")
"""The settings of a topic that AsyncAPI's Kafka binding knows."""
ABOUT = """\
How the services of KMonitor meet. Two topics are the truth: kmonitor.terminal-events.v1 and
kmonitor.operations.v1. What is marked `derived` can be forgotten and built again from them.

Everything is at least once. A reader skips what its own state already includes by offset, and knows an event
again by (terminal, epoch, seq), an operation by its operation_id, a quarantine entry by its identity."""


class Message(Struct, frozen=True):
    """One kind of record. `kind` None: bytes of any shape."""

    name: str
    summary: str
    kind: Any
    headers: Schema | None = None


BYTES: Schema = {"type": "string", "format": "binary"}
_REDACTED: Schema = {
    "type": "object",
    "properties": {
        "redacted": {"type": "string", "description": "How many card numbers were replaced; absent when none."}
    },
}


def _of_quarantine() -> Schema:
    """A quarantine entry without its key and value: the rest stands in headers."""
    entry = components([QuarantineEntry], REF)[1][QuarantineEntry.__name__]
    return entry | {
        "properties": {name: entry["properties"][name] for name in HEADERS},
        "required": [name for name in entry["required"] if name in HEADERS],
        "description": "What was wrong, and where it stood. Each header is text, a number as its digits.",
    }


def asyncapi(folder: Path) -> dict[str, Any]:
    """The document. A topic whose records nobody has described here is a KeyError."""
    known = read_topics(folder / "topics")
    messages = [message for topic in known for message in MESSAGES[topic.name]]
    payloads, schemas = _spelled(messages)
    said: dict[str, Any] = _in_draft_07(
        {
            "asyncapi": "3.0.0",
            "info": {"title": "KMonitor topics", "version": "1", "description": ABOUT},
            "defaultContentType": "application/json",
            "channels": {topic.name: _channel(topic) for topic in known},
            "operations": {name: said for topic in known for name, said in _operations(topic)},
            "components": {
                "messages": {
                    message.name: _message(message, payloads.get(message.name, BYTES)) for message in messages
                },
                "schemas": schemas,
            },
        }
    )
    return said


def _spelled(known: Sequence[Message]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The payload of each message, and the schemas that those refer to."""
    structs = [message.kind for message in known if message.kind is not None]
    roots, parts = components(structs, REF)
    names = [message.name for message in known if message.kind is not None]
    # msgspec names a generic type after everything in it.
    generic = {name: name.partition("Of_")[0] for name in parts if "Of_" in name}
    text = json.dumps([dict(zip(names, roots, strict=True)), parts])
    for name, short in generic.items():
        text = text.replace(f'"{name}"', f'"{short}"').replace(f'/{name}"', f'/{short}"')
    payloads, schemas = json.loads(text)
    return payloads, schemas


MESSAGES: dict[str, tuple[Message, ...]] = {
    topics.TERMINAL_EVENTS: (
        Message("report", "What a terminal reported, its events as the bytes that came.", Report, _REDACTED),
        Message("tick", "The passing of time, each second into every partition.", Tick),
    ),
    topics.OPERATIONS: (Message("operation", "What the office did.", Operation, _REDACTED),),
    topics.TERMINAL_STATES: (Message("state", "All that is known of a terminal.", TerminalState),),
    topics.OPEN_FAULTS: (Message("faults", "The open faults of a terminal.", TerminalFaults),),
    topics.FAULT_EVENTS: (Message("fault_event", "A fault was raised or cleared.", FaultEvent),),
    topics.QUARANTINE: (
        Message("quarantined", "The exact bytes of what could not be read.", None, _of_quarantine()),
    ),
}


def _channel(topic: Topic) -> dict[str, Any]:
    settings: dict[str, Any] = {name: topic.config[name] for name in BOUND if name in topic.config}
    settings["cleanup.policy"] = [settings["cleanup.policy"]]
    return {
        "address": topic.name,
        "title": topic.name,
        "description": "\n".join((topic.about, "", f"Key: {topic.key}.", f"Kept: {_kept(topic)}.")),
        "messages": {
            each.name: {"$ref": f"#/components/messages/{each.name}"} for each in MESSAGES[topic.name]
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": settings,
                "bindingVersion": "0.5.0",
            }
        },
        "x-derived": topic.derived,
    }


def _kept(topic: Topic) -> str:
    if topic.config["cleanup.policy"] == "compact":
        return "compacted, the last record of each key"
    return "for ever" if topic.config["retention.ms"] == -1 else f"{topic.config['retention.ms']} ms"


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    said = [("writes", "send", service) for service in topic.written_by]
    said += [("reads", "receive", service) for service in topic.read_by]
    return [
        (f"{service}.{verb}.{topic.name}", {"action": action, "channel": channel, "tags": [{"name": service}]})
        for verb, action, service in said
    ]


def _message(message: Message, payload: Schema) -> dict[str, Any]:
    said: dict[str, Any] = {"name": message.name, "summary": message.summary}
    if payload is BYTES:
        said["contentType"] = "application/octet-stream"
    if message.headers is not None:
        said["headers"] = message.headers
    return said | {"payload": payload}


def _in_draft_07(said: Any) -> Any:
    """AsyncAPI's schemas are of draft 07: what 2020-12 says in other words is said in those."""
    match said:
        case {"prefixItems": items}:
            rest = {key: value for key, value in said.items() if key not in ("prefixItems", "items")}
            return rest | {"items": _in_draft_07(items), "additionalItems": False}
        case {"discriminator": {"propertyName": name}}:
            return {**{key: _in_draft_07(value) for key, value in said.items()}, "discriminator": name}
        case dict():
            return {key: _in_draft_07(value) for key, value in said.items()}
        case list():
            return [_in_draft_07(each) for each in said]
        case _:
            return said
