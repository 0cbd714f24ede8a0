"""What becomes of each item of a report: applied, or seen before, or in conflict with what was seen."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET

from kmonitor.domain.completeness import NOTHING_SEEN, count
from kmonitor.domain.sequences import Seen
from kmonitor.event_archive.reading import Heard
from kmonitor.events.codec import content_hash
from kmonitor.events.log import Redriven, Refusal

Identity = tuple[str, int, int]
"""Terminal, epoch and seq."""


@dataclass(slots=True)
class Judged:
    """A report and its items: which are the first of their number, and which must be compared.

    `first` None: all are. `compare`: items under a taken number, by identity.
    """

    heard: Heard
    first: tuple[bool, ...] | None
    compare: list[tuple[Identity, int]] = field(default_factory=list)
    duplicates: int = 0
    conflicts: list[tuple[int, int]] = field(default_factory=list)
    """Of items with another content under a taken number: their index and key."""
    refused_keys: list[int] = field(default_factory=list)
    conflict_keys: list[int] = field(default_factory=list)
    redriven: Redriven | None = None
    """The entry of the quarantine that it settles; its refusal is in `released_keys` then."""
    released_keys: list[int] = field(default_factory=list)
    uncounted: int = 0

    @property
    def applied(self) -> Iterator[int]:
        """The items that are the first of their number."""
        events = len(self.heard.raw.events)
        return (item for item in range(events) if self.first is None or self.first[item])


def judge(heard: Heard, seen: dict[int, Seen]) -> Judged:
    """Take a report in the order of the log; `seen`, by epoch, moves on."""
    report = heard.report
    seqs = [event.seq for event in report.events]
    counted = count(seen.get(report.epoch, NOTHING_SEEN), seqs)
    if seqs:
        seen[report.epoch] = counted.seen
    judged = Judged(heard, counted.is_first)
    if counted.is_first is not None:
        for item, is_first in enumerate(counted.is_first):
            if not is_first:
                judged.compare.append(((report.terminal, report.epoch, seqs[item]), item))
    return judged


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two spellings say the same: spaces and the order of keys do not matter."""
    return one == other or content(one) == content(other)


def content(raw: bytes) -> int:
    """64 bits of what an item says; of its bytes where they hold what only a forger of records writes."""
    try:
        return content_hash(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _digest(raw)


def conflict_key(identity: Identity, raw: bytes) -> int:
    """64 bits by which the same contradiction is known again."""
    _, epoch, seq = identity
    return _digest(f"{epoch}/{seq}/{content(raw)}".encode())


def refusal_key(epoch: int, refusal: Refusal) -> int:
    """64 bits by which a refused item is known again: by its identity, where the log says it."""
    if refusal.identity is UNSET:
        return place_key(epoch, refusal.index, refusal.seq, refusal.reason, refusal.detail)
    return identity_key(refusal.identity)


def identity_key(identity: str) -> int:
    """64 bits of an entry of the quarantine."""
    return _digest(f"identity/{identity}".encode())


def place_key(epoch: int, index: int, seq: int | None, reason: str, detail: str = "") -> int:
    """64 bits of a refusal that says no identity: its number, or without one its place in the report."""
    place = f"#{index}" if seq is None else str(seq)
    return _digest(f"{epoch}/{place}/{reason}/{detail}".encode())


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
