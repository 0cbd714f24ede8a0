"""The catalogue for vendors: what to send and when, in English and Russian."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from kmonitor.events.schemas import Schema


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing in both languages."""

    en: str
    ru: str


class EventWords(Struct, frozen=True, forbid_unknown_fields=True):
    """When to send an event, and what its fields mean in Russian where they mean something of their own."""

    when: Words
    fields: dict[str, str] = {}


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in catalogue.yaml."""

    fields: dict[str, str]
    events: dict[str, EventWords]
    reasons: dict[str, Words]


class Field(Struct, frozen=True):
    """One row of an event's table; `name` is a path, as `contents[].count`."""

    name: str
    kind: str
    required: bool
    meaning: str


def read_catalogue(folder: Path) -> Said:
    return msgspec.convert(yaml.safe_load((folder / "catalogue.yaml").read_text("utf-8")), Said)


def catalogue(folder: Path, events: dict[str, Schema], operations: dict[str, Schema]) -> str:
    """README.md of schemas/."""
    said = read_catalogue(folder)
    parts = {
        "report": _example(folder, "reports"),
        "reasons": "\n".join(_reason(name, words) for name, words in said.reasons.items()).removesuffix(";"),
        "index": " · ".join(f"[`{name}`](#{name.replace('.', '')})" for name in events),
        "events": "\n\n".join(_event(folder, name, schema, said) for name, schema in events.items()),
        "operations": "\n".join(_operations(operations)),
    }
    text = (folder / "generate" / "README.template.md").read_text("utf-8")
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return text


def fields_of(schema: Schema) -> list[Field]:
    """The fields of an event besides `type`, those of its parts under a path."""
    return list(_fields(schema, schema.get("$defs", {}), ""))


def meaning_in_russian(said: Said, event: str, field: str) -> str | None:
    """The event's own word, else the one that holds for the field everywhere."""
    return said.events[event].fields.get(field) or said.fields.get(field)


def _fields(schema: Schema, parts: dict[str, Schema], path: str) -> Iterator[Field]:
    for name, field in schema["properties"].items():
        if name == "type":
            continue
        part = parts.get(_reference(field))
        meaning = field.get("description") or (part or {}).get("description", "")
        yield Field(path + name, _kind(field), name in schema["required"], meaning)
        if part is not None:
            yield from _fields(part, parts, f"{path}{name}[]." if "items" in field else f"{path}{name}.")


def _reference(field: Schema) -> str:
    choices = [field, field.get("items", {}), *field.get("anyOf", ())]
    return next((str(each["$ref"]).rpartition("/")[2] for each in choices if "$ref" in each), "")


def _kind(field: Schema) -> str:
    """The type in a few words: `integer ≥ 0`, `text`, `ok, failed`."""
    if "anyOf" in field:
        return " or ".join(_kind(each) for each in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if "$ref" in field:
        return "object"
    match field.get("type"):
        case "string" if field.get("format") == "date-time":
            return "time"
        case "string":
            least = field.get("minLength")
            return f"text {least}–{field['maxLength']}" if least else f"text ≤ {field['maxLength']}"
        case "integer" | "number" as kind:
            return str(kind) + _bounds(field)
        case "array":
            return "list of " + _kind(field["items"]) + "s"
        case kind:
            return str(kind)


def _bounds(field: Schema) -> str:
    if "minimum" in field:
        return f" ≥ {field['minimum']}"
    return f" > {field['exclusiveMinimum']}" if "exclusiveMinimum" in field else ""


def _event(folder: Path, name: str, schema: Schema, said: Said) -> str:
    when = said.events[name].when
    rows = [
        f"| `{each.name}` | {each.kind} | {'yes' if each.required else ''} | {each.meaning} | "
        f"{meaning_in_russian(said, name, each.name) or ''} |"
        for each in fields_of(schema)
    ]
    return "\n".join(
        [
            f"### `{name}`",
            "",
            f"{schema['description']}",
            "",
            f"**When:** {when.en}<br>**Когда:** {when.ru}",
            "",
            "| field | type | required | meaning | значение |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            f"[Schema](events/{name}.json) · [all examples](examples/{name})",
            "",
            "```json",
            _example(folder, name),
            "```",
        ]
    )


def _operations(operations: dict[str, Schema]) -> Iterator[str]:
    yield "| operation | what it says | fields (required in bold) |"
    yield "| --- | --- | --- |"
    for name, schema in operations.items():
        required = schema["required"]
        names = (each for each in schema["properties"] if each not in ("type", "effective_from"))
        fields = ", ".join(f"**`{each}`**" if each in required else f"`{each}`" for each in names)
        link = f"[`{name}`](operations/{name}.json) · [example](examples/{name}/plain.json)"
        yield f"| {link} | {schema['description']} | {fields} |"


def _reason(name: str, words: Words) -> str:
    return f"`{name}` ({words.en} · {words.ru});"


def _example(folder: Path, kind: str) -> str:
    return (folder / "examples" / kind / "plain.json").read_text("utf-8").strip()
