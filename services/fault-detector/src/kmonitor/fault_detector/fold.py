"""The log folded into faults: raised, cleared, and the silence of terminals in tick time."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec.structs import replace

from kmonitor.domain.dictionary import Dictionary
from kmonitor.domain.faults import FaultEvent, TerminalFaults
from kmonitor.domain.judge import judge_report, judge_silence
from kmonitor.domain.registry import Registry
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
        watch.operations_up_to = max(watch.operations_up_to, record.operations_up_to)
        match record:
            case Tick():
                return self._tick(record, watch, message, recall)
            case _:
                return self._report(record, watch, message, recall)

    def forget(self) -> None:
        self._watches.clear()
        self._faults.clear()

    def _report(self, report: Report, watch: Watch, message: Message, recall: Recall) -> Effects:
        interval_s = interval(self._registry, report.terminal, report.received_at, watch.operations_up_to)
        EVENTS.inc(len(report.events))
        fresh = watch.hear(report, message.offset, interval_s)
        faults = self._recall(report.terminal, recall)
        if _includes(faults, message):
            return NOTHING
        judged, published = judge_report(faults, report, fresh, interval_s, self._dictionary)
        if judged is faults:
            return NOTHING
        return self._effects([judged], published, message)

    def _tick(self, tick: Tick, watch: Watch, message: Message, recall: Recall) -> Effects:
        changed: list[TerminalFaults] = []
        published: list[FaultEvent] = []
        for terminal in watch.newly_silent(tick, self._registry):
            heard = watch.heard[terminal]
            watch.heard[terminal] = replace(heard, known_silent=True)
            faults = self._recall(terminal, recall)
            if not _includes(faults, message):
                judged, events = judge_silence(faults, heard, tick.at)
                changed.append(judged)
                published += events
        effects = self._effects(changed, published, message)
        if not watch.is_due(tick.at):
            return effects
        key = CHECKPOINT_KEY.format(partition=message.partition).encode()
        kept = {key: encode(watch.checkpoint(tick.at))}
        return Effects(publish=effects.publish, remember={**effects.remember, **kept}, settled=True)

    def _effects(self, changed: list[TerminalFaults], published: list[FaultEvent], message: Message) -> Effects:
        remember: dict[bytes, bytes | None] = {}
        for faults in changed:
            included = replace(faults, partition=message.partition, offset=message.offset)
            self._faults[faults.terminal] = included
            remember[faults.terminal.encode()] = encode(included)
        publish = [Publication(FAULT_EVENTS, each.fault.terminal.encode(), encode(each)) for each in published]
        return Effects(publish=publish, remember=remember, settled=False)

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
