"""Whether everything has come: each item received was applied, or had come before, or is in quarantine.

An item of a report is *applied* when it is the first in the log under its (terminal, epoch, seq);
*quarantined* when it could not be read, or says something else under a taken number, for the first time;
a *duplicate* when the same had come before, whichever of the three that was.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from kmonitor.domain.clock import BACKLOG_INTERVALS, Clock
from kmonitor.domain.sequences import Ranges, Seen

NOTHING_SEEN = Seen()


class Counted(Struct, frozen=True):
    """Which numbers of a report are new: `is_first` by item, None when all are."""

    seen: Seen
    is_first: tuple[bool, ...] | None = None


class SeqRange(Struct, frozen=True):
    """Numbers of a report without a gap; `last_time` is the event time of the last of them."""

    first: int
    last: int
    last_time: datetime


class Arrival(Struct, frozen=True, kw_only=True):
    """A report as it arrived, with what became of its items."""

    terminal: str
    epoch: int
    partition: int
    offset: int
    sent_at: datetime
    received_at: datetime
    queued: int
    operations_up_to: int
    interval_s: int
    is_backlog: bool
    events: int
    refused: int
    ranges: tuple[SeqRange, ...]
    refused_seqs: tuple[int, ...] = ()
    refused_keys: tuple[int, ...] = ()
    conflict_keys: tuple[int, ...] = ()
    duplicates: int = 0


class MissingRange(Struct, frozen=True, order=True):
    """Numbers that never came."""

    terminal: str
    epoch: int
    from_seq: int
    to_seq: int


class Completeness(Struct, frozen=True):
    """`received` = `applied` + `duplicate` + `quarantined`, each counted for itself.

    `complete_to`: up to this instant nothing is known to be missing from any terminal that is heard (one
    whose last report is at most 2.5 of its intervals older than the newest of all). A terminal is complete
    to the last event before its first hole; else, while it holds events back, to its latest event; else to
    its last report. None when a heard terminal's very beginning is missing, or nobody is heard.
    `catching_up`: terminals whose last report left events waiting, or was backlog.
    """

    received: int
    applied: int
    duplicate: int
    quarantined: int
    missing: tuple[MissingRange, ...]
    complete_to: datetime | None
    catching_up: int


def count(seen: Seen, seqs: Sequence[int]) -> Counted:
    """Take the numbers of a report in their order: the first under each number is new."""
    if not seqs:
        return Counted(seen)
    first, last = seqs[0], seqs[-1]
    # Nearly every report: numbers in a row, above all that was seen.
    if first > seen.last and last - first == len(seqs) - 1 and is_in_a_row(seqs):
        return Counted(_extended(seen, first, last))
    flags: list[bool] = []
    for seq in seqs:
        flags.append(seq not in seen)
        seen = seen.with_(seq)
    return Counted(seen, None if all(flags) else tuple(flags))


def is_in_a_row(seqs: Sequence[int]) -> bool:
    """Whether each number is one more than the one before."""
    return list(seqs) == list(range(seqs[0], seqs[0] + len(seqs)))


def _extended(seen: Seen, first: int, last: int) -> Seen:
    if seen.ranges and first == seen.last + 1:
        return Seen((*seen.ranges[:-1], (seen.ranges[-1][0], last)))
    return Seen((*seen.ranges, (first, last)))


def seen_of(last: int, missing: Iterable[tuple[int, int]]) -> Seen:
    """The numbers seen, from the highest and the gaps below it."""
    ranges: list[tuple[int, int]] = []
    start = 1
    for from_, to in sorted(missing):
        if from_ > start:
            ranges.append((start, from_ - 1))
        start = to + 1
    return Seen((*ranges, (start, last)) if start <= last else tuple(ranges))


def seq_ranges(times: Iterable[tuple[int, datetime]]) -> tuple[SeqRange, ...]:
    """The ranges of (seq, event time), in order; of a repeated number the first time counts."""
    first_times: dict[int, datetime] = {}
    for seq, time in times:
        first_times.setdefault(seq, time)
    ranges: list[SeqRange] = []
    for seq in sorted(first_times):
        first = ranges.pop().first if ranges and ranges[-1].last == seq - 1 else seq
        ranges.append(SeqRange(first, seq, first_times[seq]))
    return tuple(ranges)


def completeness(arrivals: Iterable[Arrival]) -> Completeness:
    """The figures over all arrivals, one of each (partition, offset)."""
    by_terminal: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in sorted(arrivals, key=lambda each: (each.partition, each.offset)):
        by_terminal[arrival.terminal].append(arrival)
    every = [arrival for terminal in by_terminal.values() for arrival in terminal]
    newest = max((terminal[-1].received_at for terminal in by_terminal.values()), default=None)
    heard = [
        terminal
        for terminal in by_terminal.values()
        if newest is not None and newest - terminal[-1].received_at <= _patience(terminal[-1])
    ]
    complete_to = [_complete_to(terminal) for terminal in heard]
    known = [time for time in complete_to if time is not None]
    return Completeness(
        received=sum(arrival.events + arrival.refused for arrival in every),
        applied=sum(_applied(terminal) for terminal in by_terminal.values()),
        duplicate=sum(arrival.duplicates for arrival in every),
        quarantined=sum(len(arrival.refused_keys) + len(arrival.conflict_keys) for arrival in every),
        missing=tuple(sorted(gap for terminal in by_terminal.values() for gap in _missing(terminal))),
        complete_to=min(known) if known and len(known) == len(complete_to) else None,
        catching_up=sum(
            terminal[-1].queued > 0 or terminal[-1].is_backlog for terminal in by_terminal.values()
        ),
    )


def _patience(last: Arrival) -> timedelta:
    return timedelta(seconds=BACKLOG_INTERVALS * last.interval_s)


def _applied(terminal: Sequence[Arrival]) -> int:
    return sum(
        last - first + 1 for ranges in _seen(terminal, with_refused=False).values() for first, last in ranges
    )


def _seen(terminal: Sequence[Arrival], *, with_refused: bool) -> dict[int, Ranges]:
    """All numbers that came, by epoch."""
    said: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for arrival in terminal:
        said[arrival.epoch] += [(each.first, each.last) for each in arrival.ranges]
        if with_refused:
            said[arrival.epoch] += [(seq, seq) for seq in arrival.refused_seqs]
    return {epoch: merged(ranges) for epoch, ranges in said.items()}


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers as disjoint ranges in order."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def _missing(terminal: Sequence[Arrival]) -> list[MissingRange]:
    return [
        MissingRange(terminal[0].terminal, epoch, from_, to)
        for epoch, ranges in sorted(_seen(terminal, with_refused=True).items())
        for from_, to in Seen(ranges).missing()
    ]


def _complete_to(terminal: Sequence[Arrival]) -> datetime | None:
    last = terminal[-1]
    clock = Clock(last.sent_at, last.received_at)
    times: dict[tuple[int, int], datetime] = {}
    for arrival in terminal:
        for each in arrival.ranges:
            times.setdefault((arrival.epoch, each.last), each.last_time)
    bound = clock.received_at if clock.is_wrong else clock.sent_at
    if last.queued > 0:
        if not times:
            return None
        bound = min(bound, times[max(times)])
    holes = _missing(terminal)
    if holes:
        before = [place for place in times if place < (holes[0].epoch, holes[0].from_seq)]
        if not before:
            return None
        bound = min(bound, times[max(before)])
    return bound
