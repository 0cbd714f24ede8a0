"""Registers the rows of a sheet, many at once; what the gateway refuses is told by its line."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import httpx

from kmonitor.cli.answers import AGAIN_S, NOT_LET_IN, NOT_NOW, NoAnswer, problem
from kmonitor.cli.terminals_csv import BadRow, Row

AT_A_TIME = 32
PATIENCE_S = 60.0


class Office(NamedTuple):
    """Who imports. `name` makes an import itself: a row said again under it has no second effect."""

    gateway: str
    token: str
    name: str


async def register(rows: Sequence[Row], office: Office, told: Callable[[], None]) -> list[BadRow]:
    """The rows that were refused. `told` is called for each row that is settled. Raises NoAnswer."""
    turns = asyncio.Semaphore(AT_A_TIME)
    refused: list[BadRow] = []
    limits = httpx.Limits(max_connections=AT_A_TIME)
    headers = {"Authorization": f"Bearer {office.token}"}

    async def one(client: httpx.AsyncClient, row: Row) -> None:
        async with turns:
            reason = await _registered(client, row, office.name)
        if reason is not None:
            refused.append(BadRow(row.line, row.body["terminal"], reason))
        told()

    async with httpx.AsyncClient(base_url=office.gateway, headers=headers, timeout=20, limits=limits) as client:
        try:
            async with asyncio.TaskGroup() as everybody:
                for row in rows:
                    everybody.create_task(one(client, row))
        except* NoAnswer as troubles:
            raise troubles.exceptions[0] from None
    return sorted(refused)


async def _registered(client: httpx.AsyncClient, row: Row, name: str) -> str | None:
    """Why not, None once it is; asks again while it is «not now»."""
    digest = hashlib.sha256(f"{name}\0{row.body['terminal']}".encode()).hexdigest()[:32]
    key = f"import-{digest}"
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = await client.post("/v1/operations", json=row.body, headers={"Idempotency-Key": key})
        except httpx.TransportError as error:
            trouble = (
                f"The gateway at {client.base_url} does not answer ({type(error).__name__}): is it running?"
            )
        else:
            if answer.status_code == 202:
                return None
            if answer.status_code in NOT_LET_IN:
                raise NoAnswer("The token may not register terminals: give the administrator's with --token.")
            if answer.status_code not in NOT_NOW:
                return _why(problem(answer))
            trouble = f"The gateway cannot take it now: {problem(answer)['detail']}"
        if time.monotonic() > deadline:
            raise NoAnswer(trouble)
        await asyncio.sleep(AGAIN_S)


def _why(said: dict[str, Any]) -> str:
    field = said.get("field")
    return f"`{field}`: {said['detail']}" if field else str(said["detail"])
