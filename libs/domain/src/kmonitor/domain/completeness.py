"""Whether everything has come: each item received was applied, or had come before, or is in quarantine.

An item of a report is *applied* when it is the first in the log under its (terminal, epoch, seq);
*quarantined* when it could not be read, or says something else under a taken number, for the first time;
a *duplicate* when the same had come before, whichever of the three that was. What is re-driven was received
when it was refused: the first time that it can be read it moves from quarantined to applied, or to duplicate
where the same had come meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from kmonitor.domain.clock import BACKLOG_INTERVALS, Clock
from kmonitor.domain.office.write_offs import WriteOff, WrittenOff, told_apart
from kmonitor.domain.sequences import Ranges, Seen, merged, uncovered

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
    """A report as it arrived, with what became of its items.

    Of a re-driven one, `redriven` is the quarantine's entry that it settled (empty when it settled none),
    `released_keys` the refusal that is one no more, and `uncounted` how many of its items add nothing to what
    was received.
    """

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
    is_redrive: bool = False
    redriven: str = ""
    redriven_by: str = ""
    released_keys: tuple[int, ...] = ()
    uncounted: int = 0


class MissingRange(Struct, frozen=True, order=True):
    """Numbers that never came, and that nobody wrote off."""

    terminal: str
    epoch: int
    from_seq: int
    to_seq: int


class Figures(Struct, frozen=True):
    """`received` = `applied` + `duplicate` + `quarantined`, each counted for itself."""

    received: int
    applied: int
    duplicate: int
    quarantined: int


class EpochFigures(Struct, frozen=True):
    """One epoch of one terminal. `last_seq`: the highest number that came, refused ones included."""

    epoch: int
    figures: Figures
    last_seq: int
    missing: Ranges
    written_off: tuple[WrittenOff, ...]


class TerminalCompleteness(Struct, frozen=True):
    """One terminal, by the rules of the whole network, whether or not it is heard now."""

    epochs: tuple[EpochFigures, ...]
    complete_to: datetime | None
    catching_up: bool
    queued: int


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


def completeness(arrivals: Iterable[Arrival], write_offs: Iterable[WriteOff] = ()) -> Completeness:
    """The figures over all arrivals, one of each (partition, offset)."""
    terminals = _histories(arrivals, write_offs)
    figures = [_figures(each.arrivals) for each in terminals]
    said = [(each, each.said) for each in terminals]
    spoken = [(each, last) for each, last in said if last is not None]
    newest = max((last.received_at for _, last in spoken), default=None)
    heard = [
        each for each, last in spoken if newest is not None and newest - last.received_at <= _patience(last)
    ]
    complete_to = [_complete_to(each) for each in heard]
    known = [time for time in complete_to if time is not None]
    return Completeness(
        received=sum(each.received for each in figures),
        applied=sum(each.applied for each in figures),
        duplicate=sum(each.duplicate for each in figures),
        quarantined=sum(each.quarantined for each in figures),
        missing=tuple(sorted(gap for each in terminals for gap in _missing(each))),
        complete_to=min(known) if known and len(known) == len(complete_to) else None,
        catching_up=sum(_is_catching_up(last) for _, last in spoken),
    )


def terminal_completeness(
    arrivals: Iterable[Arrival], write_offs: Iterable[WriteOff] = ()
) -> TerminalCompleteness:
    """The figures of one terminal, epoch by epoch, from its own arrivals and write-offs."""
    history = _History(sorted(arrivals, key=_place), tuple(write_offs))
    came = _seen(history.arrivals, with_refused=True)
    epochs = []
    for epoch in sorted({*came, *(each.epoch for each in history.write_offs)}):
        figures = _figures([each for each in history.arrivals if each.epoch == epoch])
        offs = [each for each in history.write_offs if each.epoch == epoch]
        seen = Seen(came.get(epoch, ()))
        epochs.append(EpochFigures(epoch, figures, seen.last, *told_apart(seen.last, seen.missing(), offs)))
    said = history.said
    return TerminalCompleteness(
        tuple(epochs),
        _complete_to(history),
        said is not None and _is_catching_up(said),
        said.queued if said else 0,
    )


class _History(Struct, frozen=True):
    """One terminal's arrivals in the order of the log, and its write-offs."""

    arrivals: Sequence[Arrival]
    write_offs: Sequence[WriteOff]

    @property
    def said(self) -> Arrival | None:
        """The last report in which the terminal itself spoke."""
        return next((each for each in reversed(self.arrivals) if not each.is_redrive), None)


def _place(arrival: Arrival) -> tuple[int, int]:
    return arrival.partition, arrival.offset


def _histories(arrivals: Iterable[Arrival], write_offs: Iterable[WriteOff]) -> list[_History]:
    by_terminal: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in sorted(arrivals, key=_place):
        by_terminal[arrival.terminal].append(arrival)
    offs: defaultdict[str, list[WriteOff]] = defaultdict(list)
    for off in write_offs:
        offs[off.terminal].append(off)
    return [_History(said, offs[terminal]) for terminal, said in by_terminal.items()]


def _figures(arrivals: Sequence[Arrival]) -> Figures:
    """Of arrivals of one terminal."""
    applied = (
        last - first + 1 for ranges in _seen(arrivals, with_refused=False).values() for first, last in ranges
    )
    return Figures(
        received=sum(each.events + each.refused - each.uncounted for each in arrivals),
        applied=sum(applied),
        duplicate=sum(each.duplicates for each in arrivals),
        quarantined=sum(
            len(each.refused_keys) + len(each.conflict_keys) - len(each.released_keys) for each in arrivals
        ),
    )


def _patience(last: Arrival) -> timedelta:
    return timedelta(seconds=BACKLOG_INTERVALS * last.interval_s)


def _is_catching_up(said: Arrival) -> bool:
    return said.queued > 0 or said.is_backlog


def _seen(arrivals: Sequence[Arrival], *, with_refused: bool) -> dict[int, Ranges]:
    """All numbers that came, by epoch."""
    said: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for arrival in arrivals:
        said[arrival.epoch] += [(each.first, each.last) for each in arrival.ranges]
        if with_refused:
            said[arrival.epoch] += [(seq, seq) for seq in arrival.refused_seqs]
    return {epoch: merged(ranges) for epoch, ranges in said.items()}


def _missing(history: _History) -> list[MissingRange]:
    gaps: list[MissingRange] = []
    for epoch, came in sorted(_seen(history.arrivals, with_refused=True).items()):
        offs = [(each.from_seq, each.to_seq) for each in history.write_offs if each.epoch == epoch]
        last = Seen(came).last
        for first, to in uncovered(merged((*came, *offs)), 1, last):
            gaps.append(MissingRange(history.arrivals[0].terminal, epoch, first, to))
    return gaps


def _complete_to(history: _History) -> datetime | None:
    """Up to when nothing is known to be missing of a terminal that has spoken."""
    last = history.said
    if last is None:
        return None
    clock = Clock(last.sent_at, last.received_at)
    times: dict[tuple[int, int], datetime] = {}
    for arrival in history.arrivals:
        for each in arrival.ranges:
            times.setdefault((arrival.epoch, each.last), each.last_time)
    bound = clock.received_at if clock.is_wrong else clock.sent_at
    if last.queued > 0:
        if not times:
            return None
        bound = min(bound, times[max(times)])
    holes = _missing(history)
    if holes:
        before = [place for place in times if place < (holes[0].epoch, holes[0].from_seq)]
        if not before:
            return None
        bound = min(bound, times[max(before)])
    return bound
