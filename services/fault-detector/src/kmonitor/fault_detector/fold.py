"""The log folded into faults: raised, cleared, and the silence of terminals in tick time."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults
from kmonitor.domain.faults.judge import (
    Circumstances,
    Judged,
    judge_closing,
    judge_report,
    judge_silence,
    judge_waiting,
)
from kmonitor.domain.faults.waiting import Now
from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import Unreadable, decode, decode_record, encode
from kmonitor.events.log import Report, Tick
from kmonitor.fault_detector.watch import Checkpoint, Watch, interval
from kmonitor.kafka.topics import FAULT_EVENTS
from kmonitor.runtime.metrics import EVENTS
from kmonitor.streams import Effects, Message, Publication, Recall, UnreadableRecord

Known = Callable[[int], Awaitable[None]]
"""Returns once the operation with that number is part of the registry."""

NOTHING = Effects(settled=False)
# No terminal's name begins with it, so a checkpoint is never taken for a terminal's faults.
CHECKPOINT_KEY = "~watch/{partition}"


@dataclass
class _Told:
    """One record, and what it has changed so far."""

    watch: Watch
    message: Message
    recall: Recall
    changed: dict[str, TerminalFaults] = field(default_factory=dict)
    published: list[FaultEvent] = field(default_factory=list)
    checkpoint: Checkpoint | None = None


class FaultDetector:
    """Faults are remembered when they change; who is heard, by a checkpoint every 10 s of the log.

    Between two checkpoints no record is settled: after a crash they are read again, and a terminal whose
    remembered faults already include a record is not judged by it twice.
    """

    def __init__(self, dictionary: Dictionary, registry: Registry, known: Known) -> None:
        self._dictionary = dictionary
        self._registry = registry
        self._known = known
        self._watches: dict[int, Watch] = {}
        self._faults: dict[str, TerminalFaults] = {}
        self._read_at = (-1, -1)
        self._record: Report | Tick

    async def prepare(self, message: Message) -> None:
        """Wait for the operations that the gateway knew when it wrote the record."""
        with suppress(UnreadableRecord):  # `apply` says so
            await self._known(self._read(message).operations_up_to)

    def apply(self, message: Message, recall: Recall) -> Effects:
        record = self._read(message)
        watch = self._watch(message.partition, recall)
        if message.offset <= watch.offset:
            return NOTHING
        watch.offset = message.offset
        told = _Told(watch, message, recall)
        self._close(told, record)
        match record:
            case Tick():
                self._tick(told, record)
            case _:
                self._report(told, record)
        return self._effects(told)

    def forget(self) -> None:
        self._watches.clear()
        self._faults.clear()

    def _report(self, told: _Told, report: Report) -> None:
        watch = told.watch
        interval_s = interval(self._registry, report.terminal, report.received_at, watch.operations_up_to)
        EVENTS.inc(len(report.events))
        fresh = watch.hear(report, told.message.offset, interval_s)
        by = Circumstances(interval_s, watch.time.passed_ms, self._dictionary)
        self._judge(told, report.terminal, lambda faults: judge_report(faults, report, fresh, by))

    def _tick(self, told: _Told, tick: Tick) -> None:
        watch = told.watch
        for terminal in watch.newly_silent(tick, self._registry):
            heard = watch.heard[terminal]
            watch.heard[terminal] = replace(heard, known_silent=True)
            self._judge(told, terminal, partial(judge_silence, heard=heard, at=tick.at))
        for terminal in watch.now_due():
            self._judge(told, terminal, partial(judge_waiting, now=Now(tick.at, watch.time.passed_ms)))
        if watch.is_due(tick.at):
            told.checkpoint = watch.checkpoint(tick.at)

    def _close(self, told: _Told, record: Report | Tick) -> None:
        """What the office closed by hand between the record before and this one."""
        watch, at = told.watch, record.at if isinstance(record, Tick) else record.received_at
        before = watch.operations_up_to
        if record.operations_up_to <= before:
            return
        watch.operations_up_to = record.operations_up_to
        for closing in self._registry.upkeep.closed_between(before, record.operations_up_to):
            terminal = watch.open.get(closing.fault_id)
            if terminal is not None:
                close = partial(
                    judge_closing, fault_id=closing.fault_id, at=at, by=closing.by, finding=closing.finding
                )
                self._judge(told, terminal, close)

    def _judge(self, told: _Told, terminal: str, judge: Callable[[TerminalFaults], Judged]) -> None:
        """Let one judgement change a terminal's faults, unless they include this record already."""
        faults = told.changed.get(terminal) or self._recall(terminal, told.recall)
        if terminal not in told.changed and _includes(faults, told.message):
            told.watch.expect(faults, faults)
            return
        judged, published = judge(faults)
        told.published += published
        if judged is not faults:
            told.changed[terminal] = judged
        told.watch.expect(faults, judged)

    def _effects(self, told: _Told) -> Effects:
        message, remember = told.message, dict[bytes, bytes | None]()
        for faults in told.changed.values():
            included = replace(faults, partition=message.partition, offset=message.offset)
            self._faults[faults.terminal] = included
            remember[faults.terminal.encode()] = encode(included)
        publish = [
            Publication(FAULT_EVENTS, each.fault.terminal.encode(), encode(each)) for each in told.published
        ]
        if told.checkpoint is not None:
            key = CHECKPOINT_KEY.format(partition=message.partition).encode()
            remember[key] = encode(told.checkpoint)
        if not remember and not publish:
            return NOTHING
        return Effects(publish=publish, remember=remember, settled=told.checkpoint is not None)

    def _read(self, message: Message) -> Report | Tick:
        place = (message.partition, message.offset)
        if place != self._read_at:
            self._record = _decoded(message.value)
            self._read_at = place
        return self._record

    def _watch(self, partition: int, recall: Recall) -> Watch:
        watch = self._watches.get(partition)
        if watch is None:
            kept = recall(CHECKPOINT_KEY.format(partition=partition).encode())
            watch = Watch.resumed(decode(kept, Checkpoint)) if kept else Watch()
            self._watches[partition] = watch
        return watch

    def _recall(self, terminal: str, recall: Recall) -> TerminalFaults:
        faults = self._faults.get(terminal)
        if faults is None:
            kept = recall(terminal.encode())
            faults = decode(kept, TerminalFaults) if kept else TerminalFaults(terminal=terminal)
            self._faults[terminal] = faults
        return faults


def _includes(faults: TerminalFaults, message: Message) -> bool:
    return faults.partition == message.partition and message.offset <= faults.offset


def _decoded(value: bytes) -> Report | Tick:
    try:
        return decode_record(value)
    except Unreadable as error:
        raise UnreadableRecord(str(error)) from error
