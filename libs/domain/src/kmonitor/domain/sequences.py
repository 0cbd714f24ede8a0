"""Which sequence numbers were applied: sorted, disjoint, inclusive ranges."""

from bisect import bisect_right

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
        gaps: list[tuple[int, int]] = []
        expected = 1
        for first, last in self.ranges:
            if first > expected:
                gaps.append((expected, first - 1))
            expected = last + 1
        return tuple(gaps)


def _inserted(ranges: Ranges, seq: int) -> Ranges:
    at = bisect_right(ranges, (seq, 2**62))
    before, after = ranges[:at], ranges[at:]
    first = last = seq
    if before and before[-1][1] == seq - 1:
        first, before = before[-1][0], before[:-1]
    if after and after[0][0] == seq + 1:
        last, after = after[0][1], after[1:]
    return (*before, (first, last), *after)
