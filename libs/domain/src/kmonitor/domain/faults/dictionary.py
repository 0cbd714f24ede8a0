"""The fault dictionary: what a unit's raw code or canonical condition means, and who must act."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kmonitor.domain.terminal.registers import Unit
from kmonitor.events.scalars import Device

OK = "ok"
UNKNOWN = "unknown"
DECIMAL: Literal[10] = 10
HEXADECIMAL: Literal[16] = 16

Severity = Literal["info", "warning", "error", "critical"]
Effect = Literal["stops", "degrades", "none"]
Actor = Literal["technician", "collector", "it", "office", "nobody"]
Clears = Literal["itself", "repair"]
Radix = Literal[10, 16]
Condition = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$", max_length=64)]
Said = Annotated[str, Meta(pattern=r"\S", description="Not blank.")]
Delay = Annotated[int, Meta(ge=0, le=86_400)]
Devices = Annotated[list[Device], Meta(min_length=1)]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    ru: Said
    en: Said


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition of some classes of units.

    `effect`: whether it stops the terminal or only degrades it; `money_risk`: a payer's money may be stuck
    or lost; `acts`: who must do something about it; `clears`: whether the device's own healthy word ends
    it, or only a confirmed repair does. It must last `raise_after_s` before it is raised, and be gone for
    `clear_after_s` before it is cleared.
    """

    condition: Condition
    devices: Devices
    severity: Severity
    effect: Effect
    money_risk: bool
    acts: Actor
    clears: Clears
    raise_after_s: Delay = 0
    clear_after_s: Delay = 0
    text: Words


class Code(Struct, frozen=True, kw_only=True):
    """What one raw code of a protocol says: a canonical condition, in what words, and who tells so."""

    protocol: str
    code: str
    devices: Devices
    condition: Condition
    text: Words
    source: str


@dataclass(frozen=True)
class Dictionary:
    """`entries` by device and condition; `codes` by protocol, device and code, as `plain` writes them.

    `version` is a hash of all that the dictionary says: equal wherever it says the same, in whatever order
    and in whatever files, and different as soon as it has learned anything.
    """

    entries: dict[tuple[str, str], Entry]
    codes: dict[tuple[str, str, str], Code]
    radixes: dict[str, Radix]
    version: str

    def condition_of(self, unit: Unit) -> str:
        """The canonical condition of a unit's last word; `unknown` is never guessed at."""
        if unit.code is not None:
            code = self.code_of(unit)
            return UNKNOWN if code is None else code.condition
        said = unit.condition or UNKNOWN
        return said if said == OK or (unit.device, said) in self.entries else UNKNOWN

    def entry_of(self, unit: Unit) -> Entry | None:
        """What is wrong with the unit, or None when it is well or says nothing that is known."""
        return self.entries.get((unit.device, self.condition_of(unit)))

    def text_of_code(self, unit: Unit) -> Words | None:
        """The raw code in words, None when the unit said none or one that nobody knows."""
        code = self.code_of(unit)
        return None if code is None else code.text

    def code_of(self, unit: Unit) -> Code | None:
        """The raw code that the unit said last, None when it said none or one that nobody knows."""
        said = self.plain_code(unit)
        return None if said is None else self.codes.get((said[0], unit.device, said[1]))

    def plain_code(self, unit: Unit) -> tuple[str, str] | None:
        """Protocol and raw code as they are compared, None when the unit said none."""
        if unit.protocol is None or unit.code is None:
            return None
        protocol = unit.protocol.lower()
        radix = self.radixes.get(protocol)
        return protocol, unit.code.strip() if radix is None else plain(unit.code, radix)


# A park says the same few hundred codes over and over.
@lru_cache(maxsize=4096)
def plain(code: str, radix: Radix) -> str:
    """A raw code without the ways of writing a number: `0x0C`, `0c` and `C` are one hexadecimal code, and
    `064` and `64` one decimal. A code of several numbers has a colon between them."""
    return ":".join(_plain_number(part, radix) for part in code.strip().split(":"))


def _plain_number(number: str, radix: Radix) -> str:
    if radix == HEXADECIMAL:
        number = number.lower().removeprefix("0x").upper()
    return number.lstrip("0") or number[:1]
