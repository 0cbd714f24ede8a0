"""The agent's HTTP on loopback: POST /events for kiosk software, GET /status and /health/live for people."""

import socketserver
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from os import name as system
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from kmonitor.terminal_agent.errors import CannotRun, Ending, KeyReused, SpoolFull, Unfit
from kmonitor.terminal_agent.intake import Intake

LOOPBACK = "127.0.0.1"
BODY_AT_MOST = 1024 * 1024
KEY_AT_MOST = 200
SLOW_S = 30.0
FULL_RETRY_S, ENDING_RETRY_S = 60, 5
ASKED_TO_END_EVERY_S = 0.1


class Problem(Exception):
    """An answer that is no success (RFC 9457); `index` is the place of the event at fault."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, index: int | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
        self.body |= {} if index is None else {"index": index}
        self.headers = {"Content-Type": "application/problem+json"}
        self.headers |= {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}


class Request(Struct, frozen=True):
    """`key` is the header Idempotency-Key."""

    body: bytes
    key: str | None


class LocalApi:
    """Has its port from its making on; answers once started, in threads of its own."""

    def __init__(self, port: int, intake: Intake, shown: Callable[[], Any]) -> None:
        """`shown` is what GET /status says. Raises CannotRun when the port is taken; 0 takes a free one."""
        try:
            self._server = _Server((LOOPBACK, port), _handler(intake, shown))
        except OSError as error:
            raise CannotRun(
                f"{LOOPBACK}:{port} is not to be had ({error.strerror}): give the agent a free `port`."
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(ASKED_TO_END_EVERY_S,), name="local-api", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Takes nothing any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def take(intake: Intake, request: Request) -> Any:
    """The body of a 202. Raises Problem."""
    try:
        return intake.take(request.body, None if request.key is None else f"key:{request.key}")
    except Unfit as unfit:
        raise Problem(HTTPStatus.BAD_REQUEST, str(unfit), index=unfit.index) from unfit
    except KeyReused as reused:
        raise Problem(HTTPStatus.CONFLICT, "this Idempotency-Key came before, with another body") from reused
    except SpoolFull as full:
        raise Problem(HTTPStatus.INSUFFICIENT_STORAGE, str(full), retry_after_s=FULL_RETRY_S) from full
    except Ending as ending:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "the agent is ending", retry_after_s=ENDING_RETRY_S
        ) from ending


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    # On Windows it would let another program take the port away.
    allow_reuse_address = system == "posix"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is nothing; everything else rises, and stops the process."""
        if not isinstance(sys.exception(), OSError):
            raise


def _handler(intake: Intake, shown: Callable[[], Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = SLOW_S
        # An answer leaves in one piece.
        wbufsize = -1
        disable_nagle_algorithm = True
        reads: ClassVar[dict[str, Callable[[], Any]]] = {"/status": shown, "/health/live": lambda: {"ok": True}}

        def handle_expect_100(self) -> bool:
            """.NET and curl wait for this before they send the body."""
            goes_on = super().handle_expect_100()
            self.wfile.flush()
            return goes_on

        def do_GET(self) -> None:
            read = self.reads.get(self.path)
            if read is None:
                self._refuse(Problem(HTTPStatus.NOT_FOUND, "only GET /status, /health/live and POST /events"))
            else:
                self._answer(HTTPStatus.OK, read())

        def do_POST(self) -> None:
            try:
                self._answer(HTTPStatus.ACCEPTED, take(intake, self._request()))
            except Problem as problem:
                self._refuse(problem)

        def _request(self) -> Request:
            """Raises Problem."""
            if self.path != "/events":
                self.close_connection = True
                raise Problem(HTTPStatus.NOT_FOUND, "events are handed over by POST /events")
            body = self._body()
            # No page in the kiosk's browser can send it to another origin without being allowed to.
            if self.headers.get_content_type() != "application/json":
                raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json")
            key = self.headers.get("Idempotency-Key")
            if key is not None and not 0 < len(key) <= KEY_AT_MOST:
                raise Problem(
                    HTTPStatus.BAD_REQUEST, f"Idempotency-Key must have 1 to {KEY_AT_MOST} characters"
                )
            return Request(body, key)

        def _body(self) -> bytes:
            """The connection is closed when it is not read: what follows would be taken for a request."""
            said = self.headers.get("Content-Length", "")
            if not said.isascii() or not said.isdigit():
                self.close_connection = True
                raise Problem(HTTPStatus.LENGTH_REQUIRED, "send Content-Length")
            if len(said) > 9 or int(said) > BODY_AT_MOST:
                self.close_connection = True
                raise Problem(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"hand over at most {BODY_AT_MOST} bytes at once"
                )
            body = self.rfile.read(int(said))
            if len(body) < int(said):
                raise ConnectionError("the caller went away")
            return body

        def _refuse(self, problem: Problem) -> None:
            self._answer(problem.status, problem.body, problem.headers)

        def _answer(self, status: HTTPStatus, said: Any, headers: dict[str, str] | None = None) -> None:
            body = msgspec.json.encode(said)
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A hand-over is not worth a line."""

    return Handler
