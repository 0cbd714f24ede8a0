"""Makes terminals known to the office, and keeps the keys that it issues."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from kmonitor.fleet_simulator.counts import Counts
from kmonitor.fleet_simulator.errors import CannotRun
from kmonitor.fleet_simulator.ledger import cut_a_torn_line
from kmonitor.fleet_simulator.profile import Profile, registration
from kmonitor.fleet_simulator.sender import NOT_NOW, backoff, retry_after
from kmonitor.fleet_simulator.wire import Answer, Client, NoAnswer

FILE = "keys.jsonl"
PATH = "/v1/operations"
AT_A_TIME = 32


class Kept(Struct):
    """`registered` tells as what it was registered, so that a change is registered anew."""

    terminal: str
    key: str
    registered: str


class Office:
    """Speaks for the administrator."""

    def __init__(self, client: Client, token: str, folder: Path, counts: Counts) -> None:
        self._client = client
        self._token = token
        self._file = folder / FILE
        self._counts = counts

    async def keys_of(self, park: Sequence[Profile], report_interval_s: int) -> dict[str, str]:
        """A key for each terminal; those that are new, or described otherwise than before, are registered."""
        kept = {each.terminal: each for each in _read(self._file)}
        turns = asyncio.Semaphore(AT_A_TIME)

        async def see_to(who: Profile, file: int) -> None:
            body = registration(who, report_interval_s)
            digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:16]
            known = kept.get(who.terminal)
            if known is None or known.registered != digest:
                async with turns:
                    await self._operate(body, f"register-{who.terminal}-{digest}")
                    key = known.key if known else await self._issue(who.terminal)
                kept[who.terminal] = Kept(who.terminal, key, digest)
                os.write(file, msgspec.json.encode(kept[who.terminal]) + b"\n")
            self._counts.registered += 1

        file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            async with asyncio.TaskGroup() as everybody:
                for who in park:
                    everybody.create_task(see_to(who, file))
        finally:
            os.close(file)
        return {who.terminal: kept[who.terminal].key for who in park}

    async def _issue(self, terminal: str) -> str:
        body = {"type": "terminal_key.issued.v1", "terminal": terminal}
        answer = await self._operate(body, f"key-of-{terminal}")
        return str(msgspec.json.decode(answer.body)["key"])

    async def _operate(self, body: dict[str, Any], idempotency_key: str) -> Answer:
        """Until it is recorded: the same Idempotency-Key makes a repeated request harmless."""
        headers = f"Authorization: Bearer {self._token}\r\nIdempotency-Key: {idempotency_key}\r\n"
        data = msgspec.json.encode(body)
        tries = 0
        while True:
            try:
                answer = await self._client.post(PATH, headers, data)
                if answer.status == 202:
                    return answer
                if answer.status not in NOT_NOW:
                    raise CannotRun(_why(body, answer))
                pause = retry_after(answer, tries)
                self._counts.not_now += 1
            except NoAnswer as error:
                if tries > 8:
                    raise CannotRun(f"The gateway does not answer ({error}): is it running?") from error
                pause = backoff(tries)
                self._counts.no_answer += 1
            tries += 1
            await asyncio.sleep(pause)


def _why(body: dict[str, Any], answer: Answer) -> str:
    if answer.status in (401, 403):
        return f"The gateway does not believe the administrator's token ({answer.status}): check --token."
    detail = answer.body[:300].decode("utf-8", "replace")
    return f"The gateway answered {answer.status} to {body['type']} of {body['terminal']}: {detail}"


def _read(file: Path) -> list[Kept]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(0o600)
    cut_a_torn_line(file)
    return [msgspec.json.decode(line, type=Kept) for line in file.read_bytes().splitlines()]
