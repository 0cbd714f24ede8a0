"""Follows a topic of one partition from a plain loop: reads on only when asked to."""

import time

from kmonitor.kafka.client import Say, silence
from kmonitor.kafka.ends import ANSWER_S
from kmonitor.kafka.errors import BrokerAway, TopicMismatch
from kmonitor.kafka.follower import PORTION, RETRY_S, Apply
from kmonitor.kafka.reader import Reader

STEP_S = 0.1


class SyncFollower:
    """A topic with one partition (the operations), applied up to wherever the caller needs it.

    It has no thread of its own: records are applied inside `advance_to` and `read_to_end`, by their caller.
    """

    def __init__(self, bootstrap: str, topic: str, apply: Apply, *, client_id: str, say: Say = silence) -> None:
        self._topic = topic
        self._apply = apply
        self._reader = Reader(bootstrap, [topic], client_id=client_id, say=say)
        self._started = False
        self._position = 0

    @property
    def position(self) -> int:
        """The next offset to apply: everything below it has been applied."""
        return self._position

    def advance_to(self, offset: int, timeout_s: float) -> bool:
        """Whether, within that time, the record at that offset (and so all before it) was applied.

        Returns at once when it already was, and for -1. More than asked may be applied.
        """
        deadline = time.monotonic() + timeout_s
        while self._position <= offset:
            if not self._step(deadline):
                return False
        return True

    def read_to_end(self, timeout_s: float) -> bool:
        """Whether, within that time, everything was applied that was there when this was called."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                if self._is_started(deadline):
                    ((_, end),) = self._reader.ends(_left(deadline)).items()
                    return self.advance_to(end - 1, deadline - time.monotonic())
            except BrokerAway:
                pass
            if time.monotonic() > deadline:
                return False
            time.sleep(RETRY_S)

    def close(self) -> None:
        """Ends the following."""
        self._reader.close()

    def _step(self, deadline: float) -> bool:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return False
        if not self._is_started(deadline):
            time.sleep(min(left_s, RETRY_S))
            return True
        portion = self._reader.read(PORTION, min(left_s, STEP_S))
        if portion is not None:
            if portion.records:
                self._apply(portion.records)
            self._position = portion.positions[self._topic, 0]
        return True

    def _is_started(self, deadline: float) -> bool:
        if not self._started:
            extent = self._reader.start("beginning", _left(deadline))
            if extent is None:
                return False
            if len(extent.begin) != 1:
                raise TopicMismatch(
                    f"Topic {self._topic} has {len(extent.begin)} partitions, and must have one."
                )
            (self._position,) = extent.begin.values()
            self._started = True
        return self._started


def _left(deadline: float) -> float:
    """What is left for a question, which needs some time even when there is none."""
    return min(ANSWER_S, max(STEP_S, deadline - time.monotonic()))
