"""What every client of the broker has in common: its settings, and how it says that the broker is away."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError

Say = Callable[[str | None], None]
"""Told a sentence when the broker is away, and None when it answers again. May be called from any thread."""

LOG = logging.getLogger("kmonitor.kafka")
LIBRARY_LOG = logging.getLogger("kmonitor.kafka.librdkafka")

AWAY = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE})


def silence(_: str | None) -> None:
    """Says nothing."""


class Link:
    """Whether the broker is there, as the client's own threads find out."""

    def __init__(self, bootstrap: str, say: Say) -> None:
        self._bootstrap = bootstrap
        self._say = say
        self._lock = threading.Lock()
        self._trouble: str | None = None
        self.fatal: str | None = None

    @property
    def trouble(self) -> str | None:
        """A sentence while the broker is away."""
        return self._trouble

    def heard(self, error: KafkaError) -> None:
        """The client's error callback."""
        if error.fatal():
            self.fatal = error.str()
        if error.code() in AWAY:
            self._set(f"Kafka at {self._bootstrap} does not answer")

    def is_back(self) -> None:
        """The broker has just answered."""
        if self._trouble is not None:
            self._set(None)

    def _set(self, trouble: str | None) -> None:
        with self._lock:
            changed = (trouble is None) != (self._trouble is None)
            self._trouble = trouble
        if changed:
            LOG.warning("%s", trouble or f"Kafka at {self._bootstrap} answers again")
            self._say(trouble)


def configuration(bootstrap: str, client_id: str, link: Link) -> dict[str, Any]:
    """Settings of any client: it finds a broker that came back within a second, and logs as we do."""
    LIBRARY_LOG.addFilter(_is_news)
    return {
        "bootstrap.servers": bootstrap,
        "client.id": client_id,
        "error_cb": link.heard,
        "logger": LIBRARY_LOG,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
        "topic.metadata.refresh.interval.ms": 60_000,
        "socket.keepalive.enable": True,
    }


def groupless(client_id: str) -> dict[str, Any]:
    """Settings of a client that reads by place alone, and is told where a topic ends."""
    return {
        # The client demands a name; no group is ever joined and nothing is committed.
        "group.id": f"{client_id}-no-group",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        # Losing one's place means that the topic is another one: never read on as if nothing had happened.
        "auto.offset.reset": "error",
    }


def _is_news(record: logging.LogRecord) -> bool:
    """Each of the many attempts to reach a broker that is away fails; the link says it once."""
    return not record.getMessage().startswith(("FAIL ", "ERROR "))
