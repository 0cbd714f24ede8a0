"""Metrics: each is declared once, with when to worry. Those that every service has stand here.

CPU seconds, resident memory and open files come from prometheus_client itself (`process_*`).
"""

from collections.abc import Sequence

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest


def counter(name: str, about: str, *, worry: str, labels: Sequence[str] = ()) -> Counter:
    """Only grows; the name ends with _total. `worry` completes «worry when»."""
    return Counter(name, _text(about, worry), labels)


def gauge(name: str, about: str, *, worry: str, labels: Sequence[str] = ()) -> Gauge:
    """Goes up and down."""
    return Gauge(name, _text(about, worry), labels)


def histogram(
    name: str, about: str, *, worry: str, buckets: Sequence[float], labels: Sequence[str] = ()
) -> Histogram:
    """Counts by size, at or below each bucket's bound."""
    return Histogram(name, _text(about, worry), labels, buckets=buckets)


def exposition() -> tuple[bytes, str]:
    """All metrics of this process as Prometheus reads them, and the content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


def _text(about: str, worry: str) -> str:
    return f"{about} Worry when {worry}."


RECORDS = counter(
    "kmonitor_records_total",
    "Records this service has dealt with (for the gateway: written; for a reader: read and done).",
    worry="it stands still while the log grows",
)
EVENTS = counter(
    "kmonitor_events_total",
    "Events of terminals in those records.",
    worry="it falls behind the gateway's",
)
POISON = counter(
    "kmonitor_poison_total",
    "Records that could not be read and were skipped.",
    worry="it grows at all: someone writes what nobody can read",
    labels=("topic",),
)
