"""Lets many callers share one question, so that each gets an answer no older than its own call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedQuestion(Generic[T]):
    """One question answers everyone who came before it was asked, and nobody who came after.

    However many callers there are, one question is under way at a time and one waits behind it.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Task[T] | None = None
        self._to_ask: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """The answer to a question that is asked after this call. Raises what asking raised."""
        if self._to_ask is None:
            self._to_ask = asyncio.create_task(self._ask_after(self._asked))
            self._to_ask.add_done_callback(_see)
        return await asyncio.shield(self._to_ask)

    async def idle(self) -> None:
        """Returns when nothing is being asked any more."""
        while tasks := [task for task in (self._asked, self._to_ask) if task is not None and not task.done()]:
            await asyncio.wait(tasks)

    async def _ask_after(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        self._asked, self._to_ask = self._to_ask, None
        return await self._ask()


def _see(task: asyncio.Task[T]) -> None:
    """All callers may have gone before the answer: then a failure is nobody's."""
    if not task.cancelled():
        task.exception()
