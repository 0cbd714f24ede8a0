"""A tiny HTTP server for the probes of services that have no HTTP of their own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.health import Health, answer

SLOW_S = 5.0


class ProbeServer:
    """Answers in threads of its own, so it stands beside a plain loop as well as beside an asyncio one."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        """Raises CannotStart when the port is taken. Port 0 takes a free one."""
        try:
            self._server = _Server((host, port), _handler(health))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} is not to be had ({error.strerror}): set KMONITOR_HTTP_PORT to a free port."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="probes", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Probe(BaseHTTPRequestHandler):
        timeout = SLOW_S

        def do_GET(self) -> None:
            said = answer(health, self.path.partition("?")[0])
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not worth a line each."""

    return Probe
