"""Which sequence numbers were applied: sorted, disjoint, inclusive ranges."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

Ranges = tuple[tuple[int, int], ...]


class Seen(Struct, frozen=True):
    """The sequence numbers of one epoch that were applied. Each is applied once: the first in the log
    is the fact, whatever comes later under the same number."""

    ranges: Ranges = ()

    def __contains__(self, seq: int) -> bool:
        if not self.ranges:
            return False
        first, last = self.ranges[-1]
        if seq >= first:
            return seq <= last
        at = bisect_right(self.ranges, (seq, 2**62)) - 1
        return at >= 0 and seq <= self.ranges[at][1]

    @property
    def last(self) -> int:
        """The highest number seen; 0 when none was."""
        return self.ranges[-1][1] if self.ranges else 0

    def start_of(self, seq: int) -> int:
        """The first number of the range in which a seen number lies."""
        return self.ranges[bisect_right(self.ranges, (seq, 2**62)) - 1][0]

    def with_(self, seq: int) -> "Seen":
        """These numbers and `seq`."""
        if not self.ranges:
            return Seen(((seq, seq),))
        first, last = self.ranges[-1]
        if seq == last + 1:
            return Seen((*self.ranges[:-1], (first, seq)))
        if seq > last:
            return Seen((*self.ranges, (seq, seq)))
        return self if seq in self else Seen(_inserted(self.ranges, seq))

    def missing(self) -> Ranges:
        """The gaps from 1 up to the highest number seen."""
        return uncovered(self.ranges, 1, self.last)


def seen_of(last: int, missing: Iterable[tuple[int, int]]) -> Seen:
    """The numbers seen, from the highest and the gaps below it."""
    return Seen(uncovered(tuple(sorted(missing)), 1, last))


def uncovered(ranges: Ranges, first: int, last: int) -> Ranges:
    """The numbers from `first` to `last` that none of the ranges (disjoint, in order) holds."""
    gaps: list[tuple[int, int]] = []
    expected = first
    for start, end in ranges:
        if start > last:
            break
        if start > expected:
            gaps.append((expected, start - 1))
        expected = max(expected, end + 1)
    return (*gaps, (expected, last)) if expected <= last else tuple(gaps)


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers as disjoint ranges in order."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def _inserted(ranges: Ranges, seq: int) -> Ranges:
    at = bisect_right(ranges, (seq, 2**62))
    before, after = ranges[:at], ranges[at:]
    first = last = seq
    if before and before[-1][1] == seq - 1:
        first, before = before[-1][0], before[:-1]
    if after and after[0][0] == seq + 1:
        last, after = after[0][1], after[1:]
    return (*before, (first, last), *after)
