"""What becomes of a terminal besides the events that it says: its clock, its memory, its link, its troubles."""

from typing import Literal

from msgspec import Struct

What = Literal["fault", "condition", "status", "conflict", "backlog", "incident"]
Witness = Literal["faults", "terminals", "quarantine", "completeness", "custody", "incident"]


class ClockSet(Struct, frozen=True):
    """From now on its clock runs so far ahead of the truth; None: as it always did."""

    skew_s: float | None


class Reinstalled(Struct, frozen=True):
    """It lost its counter: a new epoch begins, with number 1."""


class SpoolRestored(Struct, frozen=True):
    """Its disk is an older copy: the last `numbers` are used once more, for other events."""

    numbers: int


class LinkChanged(Struct, frozen=True):
    """Without a link it works on, and what it says waits."""

    is_up: bool


class Trouble(Struct, frozen=True, kw_only=True):
    """What must be seen, and who can see it (`detected_by`); `subject` is the recipient, region, operator or
    firmware that it is about."""

    scenario: str
    what: What
    condition: str
    detected_by: Witness
    device: str | None = None
    unit: str | None = None
    subject: str | None = None


class TroubleBegan(Struct, frozen=True):
    """`key` names it for its end; the event said last is its evidence."""

    key: str
    trouble: Trouble


class TroubleEnded(Struct, frozen=True):
    key: str


Turn = ClockSet | Reinstalled | SpoolRestored | LinkChanged | TroubleBegan | TroubleEnded
