"""A sink that is killed at any step of its work, and starts again from what was committed."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kmonitor.clickhouse.patience import Patience
from kmonitor.kafka.records import Record

T = TypeVar("T")
Write = Callable[[Sequence[Record]], None]


class Killed(Exception):
    """The process is gone."""


class Mortal(Patience):
    """Lives for so many steps; the last one may still reach ClickHouse, but its answer reaches nobody."""

    def __init__(self, steps: int | None, last_arrives: bool = True) -> None:
        super().__init__(wait=lambda _: True, say=lambda _: None)
        self._left = steps
        self._last_arrives = last_arrives

    def __call__(self, ask: Callable[[], T]) -> T:
        if self._left is None:
            return super().__call__(ask)
        self._left -= 1
        if self._left < 0:
            if self._last_arrives:
                ask()
            raise Killed
        return super().__call__(ask)


def live(
    log: Sequence[Record],
    start: Callable[[Patience], Write],
    deaths: Iterator[tuple[int, bool]],
    sizes: Iterator[int],
) -> None:
    """Write the whole log. Each life takes batches from the committed offset on until it is killed.

    `deaths` gives (steps, whether the last arrives) of each life, then None for one that lasts.
    """
    committed: dict[int, int] = {}
    while True:
        death = next(deaths, None)
        write = start(Mortal(*death) if death else Mortal(None))
        try:
            while pending := [each for each in log if each.offset >= committed.get(each.partition, 0)]:
                batch = pending[: next(sizes, len(pending))]
                write(batch)
                committed |= {each.partition: each.offset + 1 for each in batch}
        except Killed:
            continue
        return
