"""The fault dictionary read from its files, and refused at the very place that is wrong."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.faults.dictionary import (
    DECIMAL,
    HEXADECIMAL,
    OK,
    UNKNOWN,
    Code,
    Condition,
    Devices,
    Dictionary,
    Entry,
    Radix,
    Said,
    Words,
    plain,
)

T = TypeVar("T")
Place = tuple[Any, ...]
"""Where something stands in a file: the keys and indexes that lead to it."""

NUMBERS = {
    DECIMAL: re.compile(r"[0-9]+(:[0-9]+)*"),
    HEXADECIMAL: re.compile(r"(0[xX])?[0-9a-fA-F]+(:(0[xX])?[0-9a-fA-F]+)*"),
}
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
UNKNOWN_FIELD = re.compile(r"unknown field `(.+)`")


class ConditionFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions, each an `Entry`."""

    conditions: list[Any]


class CodeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Raw codes of one protocol, each a `Meaning`, for the classes of units that all of them hold for."""

    protocol: Said
    radix: Radix = DECIMAL
    devices: Devices
    source: Said
    codes: dict[Any, Any]


class Meaning(Struct, frozen=True, forbid_unknown_fields=True):
    """What one raw code says: a canonical condition, and the device's own words for it."""

    condition: Condition
    text: Words


class WrongDictionary(Exception):
    """The dictionary's data contradicts itself: in which file, at which place there, and why."""

    def __init__(self, file: str, place: Place, why: str) -> None:
        super().__init__(f"{file}: {' '.join(map(str, place))}: {why}")
        self.file = file
        self.place = place
        self.why = why


def read_dictionary(conditions: Mapping[str, Any], codes: Mapping[str, Any]) -> Dictionary:
    """The dictionary from its parsed files by their names: those of conditions, and those of codes.

    Raises `WrongDictionary` for whatever is missing, unknown or empty, for a condition or a code that is
    described twice for a class of units, and for a code whose condition nobody describes.
    """
    entries: dict[tuple[str, str], Entry] = {}
    for file, content in conditions.items():
        for place, entry in _entries(file, content):
            for device in entry.devices:
                if (device, entry.condition) in entries:
                    raise WrongDictionary(file, place, f"{entry.condition!r} of {device!r} is described twice")
                entries[device, entry.condition] = entry
    known: dict[tuple[str, str, str], Code] = {}
    radixes: dict[str, Radix] = {}
    for file, content in codes.items():
        table = _convert(file, (), content, CodeFile)
        protocol = table.protocol.lower()
        if radixes.setdefault(protocol, table.radix) != table.radix:
            raise WrongDictionary(file, ("radix",), f"another file gives {protocol!r} another radix")
        for place, code in _codes(file, protocol, table):
            for device in code.devices:
                if code.condition != OK and (device, code.condition) not in entries:
                    raise WrongDictionary(file, place, f"no entry describes {code.condition!r} of {device!r}")
                if (protocol, device, code.code) in known:
                    raise WrongDictionary(file, place, f"the code stands twice for {device!r}")
                known[protocol, device, code.code] = code
    return Dictionary(entries, known, radixes, _version(entries, known, radixes))


def _entries(file: str, content: Any) -> Iterator[tuple[Place, Entry]]:
    for index, said in enumerate(_convert(file, (), content, ConditionFile).conditions):
        place = ("conditions", index)
        entry = _convert(file, place, said, Entry)
        if entry.condition in (OK, UNKNOWN):
            raise WrongDictionary(
                file, (*place, "condition"), f"{entry.condition!r} is no fault and has no entry"
            )
        yield place, entry


def _codes(file: str, protocol: str, table: CodeFile) -> Iterator[tuple[Place, Code]]:
    for said, meant in table.codes.items():
        place = ("codes", said)
        if not isinstance(said, str):
            raise WrongDictionary(file, place, 'a code stands in quotes, for example "43"')
        if not NUMBERS[table.radix].fullmatch(said):
            raise WrongDictionary(file, place, f"{said!r} is no number of radix {table.radix}")
        meaning = _convert(file, place, meant, Meaning)
        yield (
            place,
            Code(
                protocol=protocol,
                code=plain(said, table.radix),
                devices=table.devices,
                condition=meaning.condition,
                text=meaning.text,
                source=table.source,
            ),
        )


def _convert(file: str, place: Place, content: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        why, _, where = str(error).partition(" - at `$")
        steps = [int(index) if index else key for key, index in STEP.findall(where)]
        # What is unknown is named by its own line, not by that of the object it stands in.
        steps += UNKNOWN_FIELD.findall(why)
        raise WrongDictionary(file, (*place, *steps), why) from error


def _version(
    entries: dict[tuple[str, str], Entry], codes: dict[tuple[str, str, str], Code], radixes: dict[str, Radix]
) -> str:
    """16 hexadecimal digits; which devices share one entry, and in which file, is not told apart."""
    content = (
        [(*key, replace(entry, devices=[key[0]])) for key, entry in sorted(entries.items(), key=_key)],
        [(*key, replace(code, devices=[key[1]])) for key, code in sorted(codes.items(), key=_key)],
        sorted(radixes.items()),
    )
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=8).hexdigest()


def _key(item: tuple[tuple[str, ...], Any]) -> tuple[str, ...]:
    return item[0]
