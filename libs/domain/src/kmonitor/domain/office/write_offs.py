"""Numbers that will never come: missing no longer, and still to be seen with the reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from kmonitor.domain.sequences import Ranges, merged, seen_of, uncovered


class WriteOff(Struct, frozen=True, kw_only=True):
    """Numbers of which the office said that they will never come; `number` is the operation's."""

    number: int
    terminal: str
    epoch: int
    from_seq: int
    to_seq: int
    reason: str
    author: str
    recorded_at: datetime


class WrittenOff(Struct, frozen=True):
    """Numbers that were written off and have not come all the same."""

    from_seq: int
    to_seq: int
    reason: str
    author: str
    at: datetime


def told_apart(
    last: int, gaps: Sequence[tuple[int, int]], write_offs: Iterable[WriteOff]
) -> tuple[Ranges, tuple[WrittenOff, ...]]:
    """The missing numbers of an epoch, and those written off that have not come.

    `last`: the highest that came, `gaps`: what did not come below it. A number that was written off twice is
    listed with the first reason.
    """
    covered = seen_of(last, gaps).ranges
    listed: list[WrittenOff] = []
    for off in sorted(write_offs, key=lambda each: each.number):
        rest = uncovered(covered, off.from_seq, off.to_seq)
        listed += [WrittenOff(first, to, off.reason, off.author, off.recorded_at) for first, to in rest]
        covered = merged((*covered, *rest))
    return uncovered(covered, 1, last), tuple(sorted(listed, key=lambda each: each.from_seq))
