"""Coming in by a token: what is counted against whoever shows one."""

from hashlib import sha256

import pytest
from builders import at, dictionary
from fastapi import Request, Response
from query_process import SECRET, bearer, spoken

from kmonitor.domain.office.sessions import Seal
from kmonitor.domain.office.signers import Recognition
from kmonitor.kafka.producer import DurableProducer
from kmonitor.query_api.access import Access
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.vector import Vector
from kmonitor.query_api.now import Now
from kmonitor.query_api.passwords import Passwords
from kmonitor.query_api.problems import Problem
from kmonitor.query_api.sign_outs import SignOuts
from kmonitor.query_api.throttle import ATTEMPTS, Throttle


def while_the_broker_is_away() -> Access:
    """All was read once, and nothing is heard since."""
    now = Now(lambda: at(0), dictionary())
    now.hub = Hub(Vector([]))
    return Access(
        now=now,
        recognition=Recognition(Seal(bytes.fromhex(SECRET)), sha256(b"the administrator's").hexdigest()),
        sign_outs=SignOuts(DurableProducer("nowhere:9092", client_id="tests"), now.clock),
        clock=now.clock,
        passwords=Passwords(),
        throttle=Throttle(),
    )


async def answer_to(access: Access, token: str) -> int:
    shown = [(name.lower().encode(), said.encode()) for name, said in bearer(token).items()]
    request = Request({"type": "http", "scheme": "http", "headers": shown, "client": ("10.0.0.1", 1)})
    with pytest.raises(Problem) as refused:
        await access.sign_in(request, Response())
    return refused.value.status


async def test_a_token_of_which_nothing_could_be_learned_is_no_wrong_attempt() -> None:
    access = while_the_broker_is_away()
    answers = [await answer_to(access, spoken("perhaps new")) for _ in range(ATTEMPTS + 2)]
    assert answers == [503] * (ATTEMPTS + 2)


async def test_a_token_that_is_none_of_ours_is_a_wrong_attempt_also_then() -> None:
    access = while_the_broker_is_away()
    answers = [await answer_to(access, "no token of ours") for _ in range(ATTEMPTS + 1)]
    assert answers == [401] * ATTEMPTS + [429]
