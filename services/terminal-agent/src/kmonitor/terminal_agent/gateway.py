"""The gateway over HTTP: one report, one answer, or none."""

import time
from typing import NamedTuple

import httpx

PATH = "/v1/reports"
CONNECT_S = 10.0
SILENCE_S = 15.0
ANSWER_DEADLINE_S = 60.0
ANSWER_BYTES_AT_MOST = 4 * 1024 * 1024


class NoAnswer(Exception):
    """Nothing whole came back: the report may have been taken or not. The text says why, for people."""


class Answer(NamedTuple):
    """`retry_after` is what the header says, or empty."""

    status: int
    retry_after: str
    media_type: str
    body: bytes


class Gateway:
    """One connection, kept alive. The environment may name a proxy or certificates, as httpx reads it."""

    def __init__(self, url: str, credential: str) -> None:
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {credential}"},
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
        )
        self._url = url.rstrip("/") + PATH

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Raises NoAnswer."""
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as response:
                return Answer(
                    response.status_code,
                    response.headers.get("Retry-After", ""),
                    response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                    _read(response),
                )
        except httpx.RequestError as error:
            raise NoAnswer(f"{self._url} does not answer: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Ends the connection; nobody may be posting."""
        self._client.close()


def _read(response: httpx.Response) -> bytes:
    """Whoever answers here may not be the gateway at all: neither endless answers nor endlessly slow ones."""
    deadline = time.monotonic() + ANSWER_DEADLINE_S
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > ANSWER_BYTES_AT_MOST or time.monotonic() > deadline:
            raise NoAnswer(f"the answer of {response.url} does not end")
    return bytes(body)
