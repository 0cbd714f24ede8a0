"""What the agent knows of itself, and a line in the log when something goes wrong or is well again."""

import logging
import threading
from datetime import UTC, datetime

from msgspec import Struct

log = logging.getLogger("kmonitor.agent")


class Said(Struct, frozen=True):
    """What somebody said, and when it was last heard."""

    at: datetime
    says: str


class Status:
    """May be told and asked from any thread. `since` is the agent's start."""

    def __init__(self, report_interval_s: float) -> None:
        self.since = _now()
        self.report_interval_s = report_interval_s
        self.last_answer: Said | None = None
        self.last_error: Said | None = None
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def troubles(self) -> dict[str, str]:
        """What is wrong now, by part."""
        with self._lock:
            return dict(self._troubles)

    def answered(self, says: str) -> None:
        self.last_answer = Said(_now(), says)

    def report(self, part: str, trouble: str | None) -> None:
        """What is wrong with a part, in a sentence without event text; None when it is well."""
        if trouble is not None:
            self.last_error = Said(_now(), f"{part}: {trouble}")
        with self._lock:
            before = self._troubles.pop(part, None)
            if trouble is not None:
                self._troubles[part] = trouble
        if trouble is not None and trouble != before:
            log.warning("%s: %s", part, trouble)
        elif trouble is None and before is not None:
            log.info("%s: well again", part)


def _now() -> datetime:
    return datetime.now(UTC)
