"""A terminal at a past moment: the last word of each register, what lay in its boxes, when it was heard.

An event has happened by a time if its event time is not later; one that claims the future has happened when it
was received. `known_at` leaves out what was received later: then it is what could be seen at that moment.
No FINAL: the archive writes an identity once, and a repeated insert is the same row again.
"""

from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.queries.query import Sql

REGISTERS = (
    "terminal.started.v1",
    "terminal.stopped.v1",
    "terminal.locked.v1",
    "terminal.unlocked.v1",
    "device.reported.v1",
    "consumable.reported.v1",
    "cassette.removed.v1",
    "cassette.inserted.v1",
    "cash.collected.v1",
    "procedure.performed.v1",
    "service_menu.opened.v1",
    "service_menu.closed.v1",
    "door.changed.v1",
    "power.changed.v1",
    "tamper.detected.v1",
)
"""The types whose events set a register; of each register the last is enough. Heartbeats are asked for apart."""

_HAPPENED = """terminal = {terminal:String} AND least(event_time, received_at) <= {time:DateTime64(6, 'UTC')}
    AND received_at <= {known_at:DateTime64(6, 'UTC')}"""
_REGISTER = ", ".join(
    f"JSONExtractString(body, '{name}')"
    for name in ("device", "unit", "kind", "procedure", "result", "door", "sensor")
)


@dataclass(frozen=True)
class Moment:
    """Of which terminal, at what time, by what was known when."""

    terminal: str
    time: datetime
    known_at: datetime

    def parameters(self) -> dict[str, object]:
        return {"terminal": self.terminal, "time": self.time, "known_at": self.known_at}


@dataclass(frozen=True)
class LastWords:
    """The last event of each register. Rows: epoch, seq, event_time, body."""

    moment: Moment

    def sql(self) -> Sql:
        text = f"""
SELECT epoch, seq, event_time, body
FROM events
WHERE {_HAPPENED} AND type IN {{types:Array(String)}}
ORDER BY epoch DESC, seq DESC
LIMIT 1 BY type, {_REGISTER}
"""  # noqa: S608 (our own texts)
        return Sql(text, self.moment.parameters() | {"types": list(REGISTERS)})


@dataclass(frozen=True)
class LastHeartbeat:
    """The last heartbeat, or the last one that tells of the link. Rows as of `LastWords`, one or none."""

    moment: Moment
    with_link: bool = False

    def sql(self) -> Sql:
        link = "AND JSONHas(body, 'link') AND JSONType(body, 'link') = 'Object'" if self.with_link else ""
        text = f"""
SELECT epoch, seq, event_time, body
FROM events
WHERE {_HAPPENED} AND type = 'terminal.heartbeat.v1' {link}
ORDER BY terminal DESC, epoch DESC, seq DESC
LIMIT 1
"""  # noqa: S608 (our own texts)
        return Sql(text, self.moment.parameters())


@dataclass(frozen=True)
class CashSince:
    """What came into each unit, less what went out, since its last collection.

    Rows: unit, currency, denomination_minor, count, epoch and seq (of the last movement).
    """

    moment: Moment

    def sql(self) -> Sql:
        text = f"""
WITH collections AS (
    SELECT JSONExtractString(body, 'unit') AS unit, max((epoch, seq)) AS collected
    FROM events
    WHERE {_HAPPENED} AND type = 'cash.collected.v1'
    GROUP BY unit
),
movements AS (
    SELECT DISTINCT epoch, seq, JSONExtractString(body, 'unit') AS unit,
        JSONExtractString(body, 'currency') AS currency,
        JSONExtractInt(body, 'denomination_minor') AS denomination_minor,
        if(type = 'cash.dispensed.v1', -JSONExtractInt(body, 'count'), 1) AS moved
    FROM events
    WHERE {_HAPPENED} AND type IN ('note.stacked.v1', 'coin.accepted.v1', 'cash.dispensed.v1')
)
SELECT unit, currency, denomination_minor, sum(moved) AS count,
    max((epoch, seq)).1 AS epoch, max((epoch, seq)).2 AS seq
FROM movements LEFT JOIN collections USING (unit)
WHERE (epoch, seq) > collected
GROUP BY unit, currency, denomination_minor
"""  # noqa: S608 (our own texts)
        return Sql(text, self.moment.parameters())


@dataclass(frozen=True)
class LastTimes:
    """One row: epoch, seq (the newest number; 0 if nothing happened), last_event_at, last_payment_at (null
    if there was none)."""

    moment: Moment

    def sql(self) -> Sql:
        text = f"""
SELECT max((epoch, seq)).1 AS epoch, max((epoch, seq)).2 AS seq,
    if(count() = 0, NULL, max(event_time)) AS last_event_at,
    if(countIf(type = 'payment.accepted.v1') = 0, NULL, maxIf(event_time, type = 'payment.accepted.v1'))
        AS last_payment_at
FROM events
WHERE {_HAPPENED}
"""  # noqa: S608 (our own texts)
        return Sql(text, self.moment.parameters())


@dataclass(frozen=True)
class LastHeard:
    """One row: first_received_at, received_at, sent_at and queued (of the last report by then), partition,
    offset (of the last report known); `reports` is 0 when the terminal was not heard."""

    moment: Moment

    def sql(self) -> Sql:
        text = """
SELECT countIf(by_then) AS reports, minIf(received_at, by_then) AS first_received_at,
    argMaxIf(tuple(received_at, sent_at, queued), offset, by_then) AS said,
    said.1 AS received_at, said.2 AS sent_at, said.3 AS queued,
    max(offset) AS offset, any(partition) AS partition
FROM (
    SELECT received_at, sent_at, queued, offset, partition, received_at <= {time:DateTime64(6, 'UTC')} AS by_then
    FROM arrivals
    WHERE terminal = {terminal:String} AND received_at <= {known_at:DateTime64(6, 'UTC')}
)
"""
        return Sql(text, self.moment.parameters())


@dataclass(frozen=True)
class FaultsThen:
    """The records of the faults that were open then. Rows: body. And when the last one was cleared: quiet_since."""

    moment: Moment

    def sql(self) -> Sql:
        text = """
SELECT fault_id, argMinIf(body, offset, kind = 'raised') AS body,
    maxIf(toNullable(at), kind = 'cleared') AS cleared_at
FROM faults
WHERE terminal = {terminal:String} AND at <= {time:DateTime64(6, 'UTC')}
    AND at <= {known_at:DateTime64(6, 'UTC')}
GROUP BY fault_id
HAVING countIf(kind = 'raised') > 0
"""
        return Sql(text, self.moment.parameters())
