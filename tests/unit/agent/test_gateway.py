"""Whatever answers in the gateway's place: a report is answered whole, or not at all."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from kmonitor.local.ports import LOOPBACK, free_ports
from kmonitor.terminal_agent import gateway
from kmonitor.terminal_agent.gateway import Answer, Gateway, NoAnswer

CREDENTIAL = "k1.secret"


class Line:
    """The other end of one connection: what it heard, and what it says then."""

    def __init__(self, says: bytes, times: int) -> None:
        self.heard = b""
        self._says = says
        self._times = times
        self._listening = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{self._listening.getsockname()[1]}"

    def serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, self._listening:
            while not self.heard.endswith(b"the report"):
                self.heard += connection.recv(65536)
            try:
                for _ in range(self._times):
                    connection.sendall(self._says)
            except ConnectionError:
                return


@contextmanager
def a_line(says: bytes, times: int = 1) -> Iterator[Line]:
    line = Line(says, times)
    thread = threading.Thread(target=line.serve)
    thread.start()
    yield line
    thread.join(10)
    assert not thread.is_alive()


def post(url: str) -> Answer:
    with closing(Gateway(url, CREDENTIAL)) as far:
        return far.post(b"the report", {"Content-Type": "application/json"})


def test_an_answer_is_told_with_what_matters_of_its_head() -> None:
    says = (
        b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Type: application/problem+json; charset=utf-8\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
    with a_line(says) as line:
        assert post(line.url + "/") == Answer(503, "7", "application/problem+json", b"{}")
    assert line.heard.startswith(b"POST /v1/reports HTTP/1.1\r\n")
    assert b"Authorization: Bearer k1.secret\r\n" in line.heard


@pytest.mark.parametrize(
    "says", [b"", b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n{}", b"220 SMTP\r\n"]
)
def test_what_breaks_off_or_speaks_otherwise_is_no_answer(says: bytes) -> None:
    with a_line(says) as line, pytest.raises(NoAnswer, match="does not answer"):
        post(line.url)


def test_an_answer_without_an_end_is_not_read_to_its_end() -> None:
    says = b"HTTP/1.1 202 Accepted\r\n\r\n" + b"x" * 2**20
    with a_line(says, times=1000) as line, pytest.raises(NoAnswer, match="does not end"):
        post(line.url)


def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SILENCE_S", 0.1)
    with socket.create_server((LOOPBACK, 0)) as silent, pytest.raises(NoAnswer, match="does not answer"):
        post(f"http://{LOOPBACK}:{silent.getsockname()[1]}")


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="does not answer"):
        post(f"http://{LOOPBACK}:{free_ports(1)[0]}")
