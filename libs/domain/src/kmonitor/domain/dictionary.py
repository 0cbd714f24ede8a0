"""The fault dictionary: what a unit's raw code or canonical condition means, and who must act."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from kmonitor.domain.registers import Unit
from kmonitor.events.scalars import Device

T = TypeVar("T")
OK = "ok"
UNKNOWN = "unknown"

Severity = Literal["info", "warning", "error", "critical"]
Effect = Literal["stops", "degrades", "none"]
Actor = Literal["technician", "collector", "it", "office", "nobody"]


class Words(Struct, frozen=True):
    ru: str
    en: str


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One condition of some classes of units. `effect`: whether it stops the terminal or only degrades it;
    `money_risk`: a payer's money may be stuck or lost; `acts`: who must do something about it."""

    condition: str
    devices: list[Device]
    severity: Severity
    effect: Effect
    money_risk: bool
    acts: Actor
    text: Words


class Meaning(Struct, frozen=True, forbid_unknown_fields=True):
    """What one raw code says: a canonical condition, and the device's own words for it."""

    condition: str
    text: str


class ProtocolTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The codes of one protocol and where they were taken from."""

    protocol: str
    devices: list[Device]
    source: str
    codes: dict[str, Meaning]


class ConditionTable(Struct, frozen=True, forbid_unknown_fields=True):
    conditions: list[Entry]


class WrongDictionary(Exception):
    """The dictionary's data contradicts itself; the text says in which file, where, and what to mend."""


@dataclass(frozen=True)
class Dictionary:
    entries: dict[tuple[str, str], Entry]
    codes: dict[tuple[str, str], str]

    def condition_of(self, unit: Unit) -> str:
        """The canonical condition of a unit's last word; `unknown` is never guessed at."""
        if unit.protocol is not None and unit.code is not None:
            return self.codes.get((unit.protocol.lower(), _plain(unit.code)), UNKNOWN)
        said = unit.condition or UNKNOWN
        return said if said == OK or (unit.device, said) in self.entries else UNKNOWN

    def entry_of(self, unit: Unit) -> Entry | None:
        """What is wrong with the unit, or None when it is well or says nothing that is known."""
        return self.entries.get((unit.device, self.condition_of(unit)))


def read_dictionary(files: dict[str, Any]) -> Dictionary:
    """The dictionary from its parsed files: `conditions`, and one for each protocol.

    Raises `WrongDictionary` for an unknown field or word, a condition described twice, or a code whose
    condition nobody describes.
    """
    entries: dict[tuple[str, str], Entry] = {}
    for entry in _convert("conditions", files.get("conditions"), ConditionTable).conditions:
        for device in entry.devices:
            if (device, entry.condition) in entries:
                raise WrongDictionary(f"conditions: {entry.condition!r} of {device!r} is described twice")
            entries[device, entry.condition] = entry
    codes: dict[tuple[str, str], str] = {}
    for name, content in files.items():
        if name != "conditions":
            table = _convert(name, content, ProtocolTable)
            codes |= _codes(name, table, entries)
    return Dictionary(entries, codes)


def _codes(
    name: str, table: ProtocolTable, entries: dict[tuple[str, str], Entry]
) -> dict[tuple[str, str], str]:
    for code, meaning in table.codes.items():
        for device in table.devices:
            if meaning.condition != OK and (device, meaning.condition) not in entries:
                detail = f"{meaning.condition!r} of {device!r} is not described in conditions"
                raise WrongDictionary(f"{name}: code {code}: {detail}")
    return {(table.protocol, _plain(code)): meaning.condition for code, meaning in table.codes.items()}


def _plain(code: str) -> str:
    """A raw code without the ways of writing hexadecimal: `0x0C`, `0c` and `C` are one code."""
    return code.strip().lower().removeprefix("0x").lstrip("0").upper() or "0"


def _convert(name: str, content: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise WrongDictionary(f"{name}: {error}") from error
