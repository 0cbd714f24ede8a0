"""What happened: events of a terminal, faults, and what the office said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.queries.own import Stay, table_of
from kmonitor.clickhouse.queries.query import Sql, where


@dataclass(frozen=True, kw_only=True)
class TerminalEvents:
    """The events of a terminal in its own order, each once.

    `from_` and `to` cut by event time. Rows: terminal, epoch, seq, type, at, event_time, received_at,
    partition, offset, item, body (the bytes that came). `after`: (epoch, seq) of the last row.
    `stays`: only what happened within one of them.
    """

    terminal: str
    from_: datetime | None = None
    to: datetime | None = None
    types: tuple[str, ...] | None = None
    stays: Sequence[Stay] | None = None
    after: tuple[int, int] | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        chosen = where(
            {
                "terminal = {terminal:String}": self.terminal,
                "arrayExists((since, until) -> since <= toUnixTimestamp64Micro(event_time)"
                " AND toUnixTimestamp64Micro(event_time) < until,"
                " {since:Array(Int64)}, {until:Array(Int64)})": self.stays,
                "event_time >= {from:DateTime64(6, 'UTC')}": self.from_,
                "event_time < {to:DateTime64(6, 'UTC')}": self.to,
                "type IN {types:Array(String)}": self.types,
                "(epoch, seq) > ({after_epoch:UInt64}, {after_seq:UInt64})": self.after,
            }
        )
        text = f"""
SELECT terminal, epoch, seq, type, at, event_time, received_at, partition, offset, item, body
FROM events FINAL
{chosen}
ORDER BY epoch, seq
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        epoch, seq = self.after or (None, None)
        given = {
            "terminal": self.terminal,
            "from": self.from_,
            "to": self.to,
            "types": None if self.types is None else list(self.types),
            "since": None if self.stays is None else [since for _, since, _ in self.stays],
            "until": None if self.stays is None else [until for _, _, until in self.stays],
            "after_epoch": epoch,
            "after_seq": seq,
            "limit": self.limit,
        }
        return Sql(text, {name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class EventsOfPayment:
    """Every event of a terminal that names this payment (notes and receipts too), in the terminal's order.

    Rows as of `TerminalEvents`.
    """

    terminal: str
    payment_id: str

    def sql(self) -> Sql:
        text = """
SELECT terminal, epoch, seq, type, at, event_time, received_at, partition, offset, item, body
FROM events FINAL
WHERE terminal = {terminal:String} AND position(body, 'payment_id') > 0
    AND JSONExtractString(body, 'payment_id') = {payment_id:String}
ORDER BY epoch, seq
"""
        return Sql(text, {"terminal": self.terminal, "payment_id": self.payment_id})


@dataclass(frozen=True, kw_only=True)
class FaultHistory:
    """Faults, the latest raised first: one row each, from its raising to its clearing.

    `from_` and `to` cut by the time of raising. Rows: fault_id, terminal, rule, device, unit, condition, code,
    severity, effect, money_risk, acts, raised_at, since, cleared_at (None while open), evidence.
    Where a fault is of no unit, `device`, `unit` and `code` are empty.
    `stays`: only those raised within one of them, on its terminal.
    `after`: (raised_at, fault_id) of the last row.
    """

    terminal: str | None = None
    severity: str | None = None
    is_open: bool | None = None
    from_: datetime | None = None
    to: datetime | None = None
    stays: Sequence[Stay] | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        own = table_of(self.stays) if self.stays is not None else Sql("", {})
        joined = f"INNER JOIN ({own.text}\n) AS own USING (terminal)" if self.stays is not None else ""
        chosen = where(
            {
                "own_since <= toUnixTimestamp64Micro(raised_at)": self.stays,
                "toUnixTimestamp64Micro(raised_at) < own_until": self.stays,
                "raised_at >= {from:DateTime64(6, 'UTC')}": self.from_,
                "raised_at < {to:DateTime64(6, 'UTC')}": self.to,
                "severity = {severity:String}": self.severity,
                "isNull(cleared_at) = {is_open:Bool}": self.is_open,
                "(raised_at, fault_id) < ({after_at:DateTime64(6, 'UTC')}, {after_id:String})": self.after,
            }
        )
        text = f"""
SELECT fault_id, terminal, said.1 AS rule, said.2 AS device, said.3 AS unit, said.4 AS condition,
    said.5 AS code, said.6 AS severity, said.7 AS effect, said.8 AS money_risk, said.9 AS acts,
    said.10 AS raised_at, said.11 AS since, cleared_at, said.12 AS evidence
FROM (
    SELECT fault_id, terminal, maxIf(toNullable(at), kind = 'cleared') AS cleared_at,
        argMax(tuple(rule, device, unit, condition, code, severity, effect, money_risk, acts, raised_at, since,
            evidence), offset) AS said
    FROM faults FINAL
    {where({"terminal = {terminal:String}": self.terminal})}
    GROUP BY fault_id, terminal
) AS found
{joined}
{chosen}
ORDER BY raised_at DESC, fault_id DESC
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        at, fault_id = self.after or (None, None)
        given = {
            "terminal": self.terminal,
            "severity": self.severity,
            "is_open": self.is_open,
            "from": self.from_,
            "to": self.to,
            "after_at": at,
            "after_id": fault_id,
            "limit": self.limit,
            **own.parameters,
        }
        return Sql(text, {name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, kw_only=True)
class OperationsSaid:
    """What the office said, the latest first; a repeated operation once, as it was first.

    `from_` and `to` cut by the time of recording. Rows: number, operation_id, author, recorded_at,
    effective_from, type, subject, body. `after`: the number of the last row.
    """

    author: str | None = None
    type: str | None = None
    subject: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    after: int | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        chosen = where(
            {
                "author = {author:String}": self.author,
                "type = {type:String}": self.type,
                "subject = {subject:String}": self.subject,
                "recorded_at >= {from:DateTime64(6, 'UTC')}": self.from_,
                "recorded_at < {to:DateTime64(6, 'UTC')}": self.to,
                "number < {after:UInt64}": self.after,
            }
        )
        text = f"""
SELECT number, operation_id, author, recorded_at, effective_from, type, subject, body
FROM (SELECT * FROM operations FINAL ORDER BY number LIMIT 1 BY operation_id)
{chosen}
ORDER BY number DESC
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        given = {
            "author": self.author,
            "type": self.type,
            "subject": self.subject,
            "from": self.from_,
            "to": self.to,
            "after": self.after,
            "limit": self.limit,
        }
        return Sql(text, {name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class OperationKept:
    """One row once the operation with this number is there. Rows: number."""

    number: int

    def sql(self) -> Sql:
        text = "SELECT number FROM operations WHERE number = {number:UInt64} LIMIT 1"
        return Sql(text, {"number": self.number})
