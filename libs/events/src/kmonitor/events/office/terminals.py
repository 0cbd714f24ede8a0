"""The office on terminals: what they are, their keys, and what of theirs will never come."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from kmonitor.events.office.said import Note, OperationSaid, TerminalId
from kmonitor.events.scalars import Currency, Epoch, Name, Seq, Text


class TerminalDescribed(OperationSaid, frozen=True, kw_only=True):
    """The attributes of a terminal: absent means unchanged, null means cleared."""

    terminal: TerminalId
    name: Text | None | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None | UnsetType = UNSET
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None | UnsetType = UNSET
    region: Name | None | UnsetType = UNSET
    dealer: Name | None | UnsetType = UNSET
    timezone: (
        Annotated[Name, Meta(description="IANA, as Europe/Moscow: its days are of this zone.")]
        | None
        | UnsetType
    ) = UNSET
    currency: Currency | None | UnsetType = UNSET
    report_interval_s: Annotated[int, Meta(ge=1, le=86_400, description="Seconds.")] | None | UnsetType = UNSET
    working_hours: (
        Annotated[Text, Meta(description="As `Mo-Fr 08:00-20:00; Sa 10:00-18:00`.")] | None | UnsetType
    ) = UNSET
    model: Text | None | UnsetType = UNSET
    tags: list[Name] | None | UnsetType = UNSET


class TerminalRegistered(TerminalDescribed, frozen=True, tag="terminal.registered.v1"):
    """A terminal joins the network; said again it is an update, and brings a retired one back."""


class TerminalUpdated(TerminalDescribed, frozen=True, tag="terminal.updated.v1"):
    """Some attributes of a known terminal change."""


class TerminalRetired(OperationSaid, frozen=True, tag="terminal.retired.v1"):
    """A terminal has left the network. What it still sends counts; its keys live until they are revoked."""

    terminal: TerminalId
    note: Note | None = None


class TerminalKeyIssued(OperationSaid, frozen=True, tag="terminal_key.issued.v1"):
    """A terminal gets a credential: the answer carries it, once. It may have two, to change them in turn."""

    terminal: TerminalId


class TerminalKeyRevoked(OperationSaid, frozen=True, tag="terminal_key.revoked.v1"):
    """One key, or without `key_id` every key of the terminal, stops being believed."""

    terminal: TerminalId
    key_id: Name | None = None


class GapWrittenOff(OperationSaid, frozen=True, tag="gap.written_off.v1"):
    """Numbers that will never come (a spool was lost): missing no longer, and nobody waits for them.

    What comes all the same is applied as ever.
    """

    terminal: TerminalId
    epoch: Epoch
    from_seq: Seq
    to_seq: Seq
    reason: Annotated[str, Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        if self.to_seq < self.from_seq:
            raise ValueError("`to_seq` lies before `from_seq`")


TerminalOperation = (
    TerminalRegistered
    | TerminalUpdated
    | TerminalRetired
    | TerminalKeyIssued
    | TerminalKeyRevoked
    | GapWrittenOff
)
