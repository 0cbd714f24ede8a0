"""What a fold is: a record of the log and what is remembered go in, effects come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

Recall = Callable[[bytes], bytes | None]
"""What is remembered under a key in the record's own partition; None if nothing is."""


class Message(NamedTuple):
    """One record of the source topic, as the broker gave it; `timestamp` is in seconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    timestamp: float


class Publication(NamedTuple):
    """A record for another topic; it goes to the same partition number as the record that caused it."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a record causes. It is published first, then remembered, then the record is acknowledged."""

    publish: Sequence[Publication] = ()
    remember: Mapping[bytes, bytes | None] = field(default_factory=dict)
    """The new bytes by key; None forgets the key (a tombstone in the state topic)."""
    settled: bool = True
    """False while a part of what the record caused is only in the fold's memory: it, and what came before it
    in its partition, is acknowledged with the next settled record, and read again if a crash comes first."""


class UnreadableRecord(Exception):
    """The record can never be read: it is skipped and counted, and too many of them stop the worker."""


class Fold(Protocol):
    """The rules of one service. It may cache decoded states; the truth is what `recall` returns.

    A record may come again after a crash or when partitions move: a state holds the offset it
    includes, and the fold ignores a record at or below it.
    """

    def apply(self, message: Message, recall: Recall) -> Effects:
        """The effects of one record; `recall` already sees what earlier records remembered.

        Raises UnreadableRecord for bytes that are no record. Any other exception stops the worker
        before anything of this record is written or acknowledged.
        """
        ...

    def forget(self) -> None:
        """Partitions have moved: every cached state is void and must be recalled again."""
        ...


@runtime_checkable
class PreparingFold(Fold, Protocol):
    """A fold that sometimes must wait for something before it can judge a record."""

    async def prepare(self, message: Message) -> None:
        """Is awaited before `apply`; may take as long as it must, the worker stays in its group."""
        ...
