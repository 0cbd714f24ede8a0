"""Callers share one question, and none gets an answer older than its call."""

import asyncio
from collections.abc import Iterator

import pytest

from kmonitor.kafka.questions import SharedQuestion


class Oracle:
    """Answers with the number of the question, when it is allowed to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Semaphore(0)
        self.begun = asyncio.Condition()

    async def ask(self) -> int:
        async with self.begun:
            self.asked += 1
            number = self.asked
            self.begun.notify_all()
        await self.may_answer.acquire()
        return number

    async def was_asked(self, times: int) -> None:
        async with asyncio.timeout(5), self.begun:
            await self.begun.wait_for(lambda: self.asked >= times)


async def test_callers_who_come_together_share_one_question() -> None:
    oracle = Oracle()
    question = SharedQuestion(oracle.ask)
    oracle.may_answer.release()
    assert await asyncio.gather(*(question.answer() for _ in range(10))) == [1] * 10


async def test_a_caller_who_comes_while_one_is_asked_gets_the_next_answer() -> None:
    oracle = Oracle()
    question = SharedQuestion(oracle.ask)
    early = asyncio.create_task(question.answer())
    await oracle.was_asked(1)
    late = [asyncio.create_task(question.answer()) for _ in range(3)]
    oracle.may_answer.release()
    assert await early == 1
    oracle.may_answer.release()
    assert await asyncio.gather(*late) == [2, 2, 2]
    assert oracle.asked == 2


async def test_a_caller_who_leaves_takes_nothing_from_the_others() -> None:
    oracle = Oracle()
    question = SharedQuestion(oracle.ask)
    leaving = asyncio.create_task(question.answer())
    staying = asyncio.create_task(question.answer())
    await oracle.was_asked(1)
    leaving.cancel()
    oracle.may_answer.release()
    assert await staying == 1


async def test_what_asking_raises_reaches_the_callers_and_the_next_may_ask_again() -> None:
    answers: Iterator[int | Exception] = iter([ConnectionError("away"), 7])

    async def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    question = SharedQuestion(ask)
    with pytest.raises(ConnectionError):
        await question.answer()
    assert await question.answer() == 7


async def test_idle_means_that_nothing_is_being_asked() -> None:
    oracle = Oracle()
    question = SharedQuestion(oracle.ask)
    asking = asyncio.create_task(question.answer())
    await oracle.was_asked(1)
    idle = asyncio.create_task(question.idle())
    assert not idle.done()
    oracle.may_answer.release()
    await asyncio.wait_for(idle, 5)
    assert asking.done() or await asking == 1
