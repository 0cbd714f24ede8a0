"""Runs a fold as the shell would: remembers what it says, and can be killed between any two records."""

from dataclasses import dataclass, field
from typing import TypeVar

from kmonitor.events.codec import decode, encode
from kmonitor.events.log import Report, Tick
from kmonitor.streams import Fold, Message, Publication

T = TypeVar("T")


async def at_once(number: int) -> None:
    """The wait for an operation where the registry is there from the start."""


@dataclass
class Table:
    """What a fold remembered and published of one partition, and up to where the log is acknowledged."""

    remembered: dict[bytes, bytes] = field(default_factory=dict)
    published: list[Publication] = field(default_factory=list)
    acknowledged: int = -1

    def run(self, fold: Fold, log: list[Report | Tick], until: int | None = None) -> None:
        """Read the log from what is acknowledged to its end, or up to the offset `until`."""
        for offset in range(self.acknowledged + 1, len(log) if until is None else until):
            record = log[offset]
            effects = fold.apply(Message("log", 0, offset, None, encode(record), 0.0), self.remembered.get)
            self.published += effects.publish
            for name, value in effects.remember.items():
                if value is None:
                    self.remembered.pop(name, None)
                else:
                    self.remembered[name] = value
            if effects.settled:
                self.acknowledged = offset

    def all_of(self, kind: type[T]) -> dict[str, T]:
        """What is remembered of terminals."""
        return {
            key.decode(): decode(value, kind)
            for key, value in self.remembered.items()
            if not key.startswith(b"~")
        }
