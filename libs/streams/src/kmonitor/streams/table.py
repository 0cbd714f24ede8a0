"""What is remembered: the bytes of the table, kept by partition, restored from its changelog."""

import logging
from collections.abc import Iterable
from typing import Any

from faust.stores.memory import Store
from faust.types import TP

from kmonitor.streams.fold import Recall


class PartitionedStore(Store):  # type: ignore[misc]
    """Faust's memory store, but one dictionary a partition.

    Faust's own keeps one for all and knows only of restored keys whose they are: what was written live
    stays for ever after its partition has moved away, and would be taken for true when it comes back.
    Here a partition that leaves takes its keys along, and one that stays need not be read again.
    """

    logger = logging.getLogger("faust")

    def __post_init__(self) -> None:
        self._partitions: dict[int, dict[bytes, bytes]] = {}
        self._offsets: dict[int, int] = {}

    def recall_from(self, partition: int) -> Recall:
        """Reads what is remembered in that partition."""
        return self._partitions.setdefault(partition, {}).get

    def write(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Sets what is remembered under a key; None forgets it."""
        remembered = self._partitions.setdefault(partition, {})
        if value is None:
            remembered.pop(key, None)
        else:
            remembered[key] = value

    def restore(self, partition: int, records: Iterable[Any]) -> None:
        """Applies records of the changelog, each once, in their order."""
        seen = self._offsets.get(partition, -1)
        for record in records:
            if record.offset > seen:
                self.write(partition, record.key, record.value)
                seen = record.offset
        self._offsets[partition] = seen

    def includes(self, partition: int, offset: int) -> None:
        """Everything up to this offset of the changelog is in the store."""
        self._offsets[partition] = max(offset, self._offsets.get(partition, -1))

    def __len__(self) -> int:
        return sum(map(len, self._partitions.values()))

    # What Faust calls:

    def persisted_offset(self, tp: TP) -> int | None:
        """Where recovery goes on reading; None for a partition that has just come."""
        return self._offsets.get(tp.partition)

    def set_persisted_offset(self, tp: TP, offset: int) -> None:
        """The offset is kept by `restore` and `includes`."""

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """Applies what `restore` has not: nothing, as all changelog records pass through it first."""
        for event in batch:
            self.restore(event.message.partition, [event.message])

    async def need_active_standby_for(self, tp: TP) -> bool:
        """No worker holds another's partitions."""
        return False

    def _clear(self) -> None:
        self._partitions.clear()
        self._offsets.clear()

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Everything that is here belongs here."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forgets every partition that went, or came (it may have been elsewhere in between)."""
        topic = self.table.changelog_topic_name
        stays = {tp.partition for tp in assigned - newly_assigned if tp.topic == topic}
        for partition in set(self._partitions) - stays:
            del self._partitions[partition]
            self._offsets.pop(partition, None)
