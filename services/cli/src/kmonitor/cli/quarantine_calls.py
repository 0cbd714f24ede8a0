"""The quarantine over HTTP: entries from the query API, re-drives to the gateway."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from kmonitor.cli.answers import AGAIN_S, NOT_LET_IN, NOT_NOW, NoAnswer, problem

PAGE = 500
PATIENCE_S = 30.0

Entry = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the gateway said of a re-drive; `events` what was read where it could be."""

    is_read: bool
    text: str
    events: tuple[str, ...] = ()


class QuarantineCalls:
    """Asks as the administrator. Raises NoAnswer."""

    def __init__(self, query_api: str, gateway: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._reads = httpx.Client(base_url=query_api, headers=headers, timeout=20)
        self._gateway = httpx.Client(base_url=gateway, headers=headers, timeout=20)

    def entries(self, wanted: dict[str, str], limit: int | None = None) -> Iterator[Entry]:
        """Entries that match, the latest first."""
        asked: dict[str, Any] = wanted | {"limit": min(limit or PAGE, PAGE)}
        told = 0
        while True:
            page = _said(self._ask(self._reads, "GET", "/v1/quarantine", params=asked))
            for entry in page["items"]:
                if limit is not None and told >= limit:
                    return
                told += 1
                yield entry
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    def entry(self, identity: str) -> Entry | None:
        """One entry in full, None if there is no such."""
        answer = self._ask(self._reads, "GET", f"/v1/quarantine/{quote(identity, safe='')}")
        return None if answer.status_code == 404 else _said(answer)

    def redrive(self, entry: Entry, *, dry_run: bool) -> Outcome:
        """Bring it back if it can be read now; sent again it does no harm."""
        body = {"identity": entry["identity"], "offset": entry["offset"]}
        params = {"dry_run": "true" if dry_run else "false"}
        answer = self._ask(self._gateway, "POST", "/v1/redrives", json=body, params=params)
        if answer.status_code in (404, 409, 422):
            return Outcome(False, str(problem(answer)["detail"]))
        read = _said(answer)["events"]
        return Outcome(True, "", tuple(f"{event['type']} {event['seq']}" for event in read))

    def close(self) -> None:
        self._reads.close()
        self._gateway.close()

    def _ask(self, client: httpx.Client, method: str, path: str, **said: Any) -> httpx.Response:
        """The answer; asks again while it is «not now»."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = client.request(method, path, **said)
            except httpx.TransportError as error:
                trouble = f"{client.base_url} does not answer ({type(error).__name__}): is it running?"
            else:
                if answer.status_code not in NOT_NOW:
                    return answer
                trouble = f"{client.base_url} cannot answer now: {problem(answer)['detail']}"
            if time.monotonic() > deadline:
                raise NoAnswer(trouble)
            time.sleep(AGAIN_S)


def _said(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code in NOT_LET_IN:
        raise NoAnswer("The token is not the administrator's: give it with --token or in KMONITOR_TOKEN.")
    if answer.is_error:
        raise NoAnswer(f"{answer.request.url} was refused: {answer.text[:300]}")
    try:
        said: dict[str, Any] = answer.json()
    except ValueError as error:
        raise NoAnswer(
            f"What {answer.request.url} says is not KMonitor's answer: is the address right?"
        ) from error
    return said
