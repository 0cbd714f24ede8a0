"""What a reader may see is asked for by every call, or the call is never served."""

import pytest
from argon2 import extract_parameters
from fastapi import APIRouter, Request

from kmonitor.domain.office.roles import EVERY_SCOPE
from kmonitor.domain.office.signers import Signer
from kmonitor.ingest_gateway.passwords import HASHER
from kmonitor.query_api.live.frames import Filter, Frame
from kmonitor.query_api.passwords import NOBODY, Passwords
from kmonitor.query_api.problems import Problem
from kmonitor.query_api.sight import Network, Sight, ToRead, refuse_blind_calls

DEALER = Sight(frozenset({"network", "payments", "money"}), "d1")
TECHNICIAN = Sight(frozenset({"network"}))


def test_a_call_that_asks_for_no_sight_is_never_served() -> None:
    router = APIRouter()

    @router.get("/seen")
    async def seen(sight: Network) -> None:
        """Asks."""

    refuse_blind_calls(router)

    @router.get("/blind")
    async def blind() -> None:
        """Forgets to."""

    with pytest.raises(TypeError, match="/blind"):
        refuse_blind_calls(router)


def asks(signer: Signer) -> Request:
    request = Request({"type": "http", "headers": []})
    request.state.signer = signer
    return request


async def test_a_role_without_the_scope_is_refused() -> None:
    technician = asks(Signer(author="p", role="technician"))
    assert await ToRead("network")(technician) == TECHNICIAN
    with pytest.raises(Problem) as refused:
        await ToRead("audit")(technician)
    assert refused.value.status == 403


async def test_a_dealer_of_whom_it_is_not_known_whose_terminals_sees_none() -> None:
    assert await ToRead("network")(asks(Signer(author="p", role="dealer", dealer="d1"))) == DEALER
    with pytest.raises(Problem) as refused:
        await ToRead("network")(asks(Signer(author="p", role="dealer")))
    assert refused.value.status == 403


def frame(kind: str, dealer: str | None) -> Frame:
    return Frame(kind, "T", b"", b"", dealer)  # type: ignore[arg-type]


def test_a_dealer_hears_of_own_terminals_and_nobodys_of_none() -> None:
    mine = Filter(sight=DEALER)
    assert mine.passes(frame("terminal", "d1"))
    assert not mine.passes(frame("terminal", "d2"))
    assert not mine.passes(frame("fault", None))
    assert not mine.is_open
    assert Filter(sight=Sight(EVERY_SCOPE)).passes(frame("terminal", "d2"))


def test_a_technician_hears_of_no_payments() -> None:
    wanted = Filter(sight=TECHNICIAN)
    assert not wanted.passes(frame("payment", None))
    assert wanted.passes(frame("terminal", None))
    assert not wanted.is_open


async def test_an_unknown_person_costs_what_a_known_one_does() -> None:
    assert extract_parameters(NOBODY) == extract_parameters(HASHER.hash("x"))
    assert not await Passwords().is_right("nobody has this", None)
    assert await Passwords().is_right("nobody has this", NOBODY)
    assert not await Passwords().is_right("x", "no hash at all")
