"""The JSON Schemas (2020-12) of the events and operations, derived from the very types that read them."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any, get_args

import msgspec
from msgspec import Struct

from kmonitor.events.log import ReportBody
from kmonitor.events.office import people, upkeep
from kmonitor.events.operations import OperationBody
from kmonitor.events.types import Event
from kmonitor.events.units import DeviceReported

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FIRST = ("type", "seq", "at", "effective_from")
"""These fields stand first in every schema."""

EVENTS: dict[str, type[Struct]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Event)}
"""Every event type by its name, in the order of the protocol."""
OPERATIONS: dict[str, type[Struct]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(OperationBody)
}
"""Every operation by its name, in the order of the protocol."""


def event(name: str) -> Schema:
    """The schema of one event type, self-contained."""
    return _document(EVENTS[name], f"urn:kmonitor:event:{name}", name)


def operation(name: str) -> Schema:
    """The schema of one operation as it is posted, self-contained."""
    return _document(OPERATIONS[name], f"urn:kmonitor:operation:{name}", name)


def report() -> Schema:
    """The schema of a whole report, the body of `POST /v1/reports`, self-contained."""
    whole = _document(ReportBody, "urn:kmonitor:report:v1", "report.v1")
    # A word of OpenAPI's, which JSON Schema does not know.
    del whole["properties"]["events"]["items"]["discriminator"]
    return whole


def components(kinds: Iterable[Any], ref: str) -> tuple[list[Schema], dict[str, Schema]]:
    """A schema for each of these types, and by name the schemas that those refer to by `ref`.

    The events of a report are spelled out, though its type holds them as the bytes that came.
    """
    wanted = list(kinds)
    spelled_out = [*wanted, Event] if ReportBody in wanted else wanted
    roots, parts = msgspec.json.schema_components(spelled_out, ref_template=ref)
    said = {name: _said(name, part) for name, part in parts.items()}
    if ReportBody in wanted:
        said[ReportBody.__name__]["properties"]["events"]["items"] = roots[-1]
    return list(roots[: len(wanted)]), said


def _document(kind: type[Struct], identifier: str, title: str) -> Schema:
    (root,), parts = components([kind], "#/$defs/{name}")
    own = parts.pop(root["$ref"].rpartition("/")[2])
    return _root(own, identifier, title) | ({"$defs": parts} if parts else {})


def _root(own: Schema, identifier: str, title: str) -> Schema:
    return {"$schema": DIALECT, "$id": identifier, **own, "title": title}


def _said(name: str, part: Schema) -> Schema:
    """One struct's schema as we want to say it; `part` stays as it is."""
    properties = part.get("properties")
    if properties is None:
        return part
    order = sorted(properties, key=lambda each: FIRST.index(each) if each in FIRST else len(FIRST))
    said = part | {
        "properties": {each: _field(properties[each]) for each in order},
        "required": [each for each in order if each in part["required"]],
        # Fields that nobody knows are kept, never refused.
        "additionalProperties": True,
    }
    if "description" in part:
        said["description"] = " ".join(cleandoc(part["description"]).split())
    return said | RULES.get(name, {})


def _field(field: Schema) -> Schema:
    """A tag as a constant, and what is said of a field that may be null once and outside."""
    if set(field) == {"enum"} and len(field["enum"]) == 1:
        return {"const": field["enum"][0]}
    choices = field.get("anyOf", [])
    told = [each["description"] for each in choices if "description" in each]
    if not told or "description" in field:
        return field
    bare = [{key: value for key, value in each.items() if key != "description"} for each in choices]
    return {"description": told[0], **field, "anyOf": bare}


TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}


def _one_said(*names: str) -> list[Schema]:
    """Of these fields one at most is said."""
    return [{"properties": {other: NULL for other in names if other != name}} for name in names]


_CHOSEN: Schema = {"anyOf": _one_said("terminals", "region", "dealer")}
_DEALER: Schema = {
    "oneOf": [
        {"properties": {"role": {"const": "dealer"}, "dealer": TEXT}, "required": ["dealer"]},
        {"properties": {"role": {"not": {"const": "dealer"}}, "dealer": NULL}},
    ]
}
RULES: dict[str, Schema] = {
    DeviceReported.__name__: {
        "oneOf": [
            {
                "properties": {"protocol": TEXT, "code": TEXT, "condition": NULL},
                "required": ["protocol", "code"],
            },
            {"properties": {"protocol": NULL, "code": NULL, "condition": TEXT}, "required": ["condition"]},
        ]
    },
    people.PersonRegistered.__name__: _DEALER,
    people.ServiceTokenIssued.__name__: _DEALER
    | {"anyOf": [{"properties": {name: TEXT}, "required": [name]} for name in ("name", "person")]},
    people.ServiceTokenRevoked.__name__: {
        "anyOf": [{"properties": {name: TEXT}, "required": [name]} for name in ("key_id", "name", "person")]
    },
    upkeep.MaintenancePlanned.__name__: _CHOSEN,
    upkeep.ProcedureScheduled.__name__: _CHOSEN,
}
"""What a type checks in its `__post_init__`. That one time or number lies before another is no matter of
JSON Schema, and stands in the docstring."""
