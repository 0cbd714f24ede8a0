"""Whether a process lives and is ready, and why not: one object that the service tells and the probes ask."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from kmonitor.runtime.metrics import exposition

STARTING = "starting"


class Health:
    """Ready while nothing is wrong with any part; alive while the service's loop makes progress.

    May be told and asked from any thread. A part away for long (the broker, ClickHouse) makes a service not
    ready, never dead: a restart would not help.
    """

    def __init__(self, *parts: str, stuck_after_s: float | None = None) -> None:
        """`parts` must each be reported well before the service is ready."""
        self._lock = threading.Lock()
        self._troubles = dict.fromkeys(parts, STARTING)
        self._stuck_after_s = stuck_after_s
        self._progress = time.monotonic()

    def report(self, part: str, trouble: str | None) -> None:
        """What is wrong with a part of the service, in a sentence; None when it is well."""
        with self._lock:
            if trouble is None:
                self._troubles.pop(part, None)
            else:
                self._troubles[part] = trouble

    def reporter(self, part: str) -> Callable[[str | None], None]:
        """`report` for one part: what kmonitor.kafka takes as `say`."""
        return lambda trouble: self.report(part, trouble)

    def progressed(self) -> None:
        """The loop has turned: something was done, or there was nothing to do."""
        self._progress = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self._troubles

    @property
    def reasons(self) -> dict[str, str]:
        """What is wrong, by part."""
        with self._lock:
            return dict(self._troubles)

    @property
    def last_progress_s(self) -> float:
        """How long ago the loop turned."""
        return time.monotonic() - self._progress

    @property
    def live(self) -> bool:
        """Whether the loop has turned within `stuck_after_s` (always, when that is None)."""
        return self._stuck_after_s is None or self.last_progress_s < self._stuck_after_s


@dataclass(frozen=True)
class Answer:
    """An answer to a probe, for whichever HTTP server gives it."""

    status: int
    content_type: str
    body: bytes


def answer(health: Health, path: str) -> Answer:
    """GET /health/live, /health/ready or /metrics; anything else is 404."""
    match path:
        case "/health/live":
            return _verdict(health, health.live)
        case "/health/ready":
            return _verdict(health, health.ready)
        case "/metrics":
            body, content_type = exposition()
            return Answer(200, content_type, body)
        case _:
            return Answer(404, "application/json", b'{"detail": "only /health/* and /metrics"}')


def _verdict(health: Health, well: bool) -> Answer:
    said = {
        "ok": well,
        "reasons": health.reasons,
        "last_progress_s": round(health.last_progress_s, 1),
    }
    return Answer(200 if well else 503, "application/json", json.dumps(said, ensure_ascii=False).encode())
