"""What revenue-rollup asks and does: facts known of payments, and buckets written anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.instants import wall_seconds
from kmonitor.clickhouse.queries.query import Sql

KEYS_AT_ONCE = 8_000
"""How many payments one question may hold: they travel in its address."""
FEW_TERMINALS = 500


@dataclass(frozen=True)
class FactsOf:
    """All facts of these payments, by their keys and, where they are few, by their terminals.

    Rows: the columns of `payment_facts`. A stranger with the same 64 bits may be among them.
    """

    payment_keys: Sequence[int]
    terminals: Sequence[str]

    def sql(self) -> Sql:
        few = len(self.terminals) <= FEW_TERMINALS
        text = f"""
SELECT terminal, payment_id, kind, refund_id, content_hash, epoch, seq, partition, offset, item, at, event_time,
    received_at, hour, zone, dealer, region, service, recipient, method, currency, inserted, credited, fee,
    change, is_test, reason
FROM payment_facts
PREWHERE payment_key IN {{keys:Array(UInt64)}} {"AND terminal IN {terminals:Array(String)}" if few else ""}
"""  # noqa: S608 (our own texts)
        given: dict[str, object] = {"keys": list(self.payment_keys)}
        return Sql(text, given | ({"terminals": list(self.terminals)} if few else {}))


@dataclass(frozen=True)
class RewriteBuckets:
    """Write anew the buckets of these hours that changed since the given offsets of their partitions.

    A bucket is the sum of its bookings and has the highest of their revisions, so it can be written at any
    time and any number of times. `terminals` None: of all terminals.
    """

    hours: Sequence[datetime]
    since: dict[int, int]
    terminals: Sequence[str] | None = None

    def sql(self) -> Sql:
        chosen = "AND terminal IN {terminals:Array(String)}" if self.terminals is not None else ""
        text = f"""
INSERT INTO revenue_hourly (day, hour, terminal, service, recipient, dealer, region, method, currency, zone,
    payments, inserted, credited, fee, refunded, revision)
SELECT toDate(hour), hour, terminal, service, recipient, dealer, region, method, currency, any(zone),
    sum(payments), sum(inserted), sum(credited), sum(fee), sum(refunded), max(revision) AS revised
FROM payment_bookings FINAL
WHERE hour IN {{hours:Array(DateTime('UTC'))}} AND partition IN {{partitions:Array(UInt32)}} {chosen}
GROUP BY hour, terminal, service, recipient, dealer, region, method, currency, partition
HAVING revised >= {{since:Array(UInt64)}}[indexOf({{partitions:Array(UInt32)}}, partition)]
"""  # noqa: S608 (our own texts)
        given: dict[str, object] = {
            "hours": [wall_seconds(hour) for hour in self.hours],
            "partitions": list(self.since),
            "since": list(self.since.values()),
        }
        return Sql(text, given | ({"terminals": list(self.terminals)} if self.terminals is not None else {}))
