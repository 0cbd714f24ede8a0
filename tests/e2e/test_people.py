"""A person of the office, from registration to signing out, through every service of a whole stack."""

from pathlib import Path
from typing import Any

import httpx
from gateway_process import read_all
from park import Park, until

from kmonitor.kafka.topics import OPERATIONS
from kmonitor.local.stack import Stack

PASSWORD = "canary-of-a-password"


class Browser:
    """A browser beside both services: on one host a cookie goes to each of them."""

    def __init__(self, park: Park, client: httpx.AsyncClient) -> None:
        self.park = park
        self.client = client

    async def signs_in(self, person: str) -> int:
        typed = {"person": person, "password": PASSWORD}
        return (await self.client.post(f"{self.park.query_api}/v1/session", json=typed)).status_code

    async def signs_out(self) -> int:
        return (await self.client.delete(f"{self.park.query_api}/v1/session")).status_code

    async def reads(self, path: str) -> int:
        return (await self.client.get(self.park.query_api + path)).status_code

    async def says(self, operation: dict[str, Any], key: str) -> httpx.Response:
        """The gateway's answer; says it again while it is «not now», as everybody should."""
        url, headers = f"{self.park.gateway}/v1/operations", {"Idempotency-Key": key}

        async def answered() -> httpx.Response | None:
            answer = await self.client.post(url, json=operation, headers=headers)
            return None if answer.status_code == 503 else answer

        answer: httpx.Response = await until(answered)
        return answer


async def test_one_session_opens_both_services_and_signing_out_closes_both(park: Park, stack: Stack) -> None:
    registered = {"type": "person.registered.v1", "person": "petrova", "role": "dispatcher"}
    await park.operate(registered | {"password": PASSWORD}, "register-petrova")
    async with httpx.AsyncClient(timeout=10) as client:
        await lives_a_day(park, Browser(park, client))
    (ended,) = await until(lambda: said_by(park, "petrova", type="person.signed_out.v1"))
    assert ended["subject"].startswith("session/")
    values = b"".join(each.value or b"" for each in read_all(stack.describe()["kafka"], OPERATIONS))
    assert PASSWORD.encode() not in values
    assert files_with(PASSWORD.encode(), stack.folder.parent) == []


async def lives_a_day(park: Park, browser: Browser) -> None:
    """Signs in, reads, speaks, and signs out; a copy of the cookie is worth nothing then."""
    assert await browser.signs_in("petrova") == 200
    assert [await browser.reads(path) for path in ("/v1/summary", "/v1/revenue")] == [200, 403]
    seen = {"type": "fault.acknowledged.v1", "fault_id": "a-fault"}
    said = await browser.says(seen, "seen")
    assert said.status_code == 202, said.text
    assert (await browser.says({"type": "terminal.retired.v1", "terminal": "x"}, "x")).status_code == 403

    (heard,) = await until(lambda: said_by(park, "petrova"))
    assert (heard["type"], heard["subject"]) == ("fault.acknowledged.v1", "fault/a-fault")
    assert heard["operation_id"] == said.json()["operation_id"]

    cookies = dict(browser.client.cookies)
    assert await browser.signs_out() == 204
    browser.client.cookies.update(cookies)
    assert await browser.reads("/v1/summary") == 401

    async def gateway_has_heard() -> bool:
        return (await browser.says(seen, "seen again")).status_code == 401

    await until(gateway_has_heard)


async def said_by(park: Park, author: str, **wanted: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await park.get("/v1/audit", author=author, **wanted))["items"]
    return items


def files_with(text: bytes, folder: Path) -> list[str]:
    """Which files of a stack hold these bytes: the tables, the topics and every log."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]
