"""A terminal at a past moment: the last word of each register, what lay in its boxes, when it was heard.

An event has happened by a time if its event time is not later; one that claims the future has happened when it
was received. `known_at` leaves out what was received later: then it is what could be seen at that moment.
No FINAL: the archive writes an identity once, and a repeated insert is the same row again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.queries.query import Sql

Place = tuple[int, int]

_HAPPENED = """terminal = {terminal:String} AND least(event_time, received_at) <= {time:DateTime64(6, 'UTC')}
    AND received_at <= {known_at:DateTime64(6, 'UTC')}"""

# A place as one number: of tuples the greatest is found several times slower.
_PLACE = "bitOr(bitShiftLeft(toUInt128(epoch), 64), toUInt128(seq))"
_EPOCH, _SEQ = "toUInt64(bitShiftRight(last, 64))", "toUInt64(bitAnd(last, toUInt128(18446744073709551615)))"


@dataclass(frozen=True)
class AsOf:
    """Of which terminal, at what time, by what was known when."""

    terminal: str
    time: datetime
    known_at: datetime

    def parameters(self) -> dict[str, object]:
        return {"terminal": self.terminal, "time": self.time, "known_at": self.known_at}


@dataclass(frozen=True)
class LastPlaces:
    """Where each register was set last (`kmonitor.domain.terminal.register_names`; of no register: empty).

    Rows: register, epoch, seq, last_event_at, last_payment_at (null if no payment was accepted).
    """

    as_of: AsOf

    def sql(self) -> Sql:
        text = f"""
SELECT register, {_EPOCH} AS epoch, {_SEQ} AS seq, last_event_at, last_payment_at
FROM (
    SELECT register, max({_PLACE}) AS last, max(event_time) AS last_event_at,
        maxIf(event_time, type = 'payment.accepted.v1') AS paid_at,
        if(countIf(type = 'payment.accepted.v1') = 0, NULL, paid_at) AS last_payment_at
    FROM events
    WHERE {_HAPPENED}
    GROUP BY register
)
"""  # noqa: S608 (our own texts)
        return Sql(text, self.as_of.parameters())


@dataclass(frozen=True)
class Words:
    """The events at these places. Rows: epoch, seq, event_time, body."""

    terminal: str
    places: Sequence[Place]

    def sql(self) -> Sql:
        text = """
SELECT epoch, seq, event_time, body
FROM events
PREWHERE terminal = {terminal:String} AND (epoch, seq) IN (
    SELECT arrayJoin(arrayZip({epochs:Array(UInt64)}, {seqs:Array(UInt64)})))
LIMIT 1 BY epoch, seq
"""
        epochs, seqs = [epoch for epoch, _ in self.places], [seq for _, seq in self.places]
        return Sql(text, {"terminal": self.terminal, "epochs": epochs, "seqs": seqs})


@dataclass(frozen=True)
class CashSince:
    """Movements of cash after their unit's last collection. `collected`: where that was, by unit.

    Rows: register (its parts tell what moved), times, epoch and seq (of the last).
    """

    as_of: AsOf
    collected: Mapping[str, Place]

    def sql(self) -> Sql:
        text = f"""
SELECT register, times, {_EPOCH} AS epoch, {_SEQ} AS seq
FROM (
    SELECT register, uniqExact({_PLACE}) AS times, max({_PLACE}) AS last
    FROM events
    WHERE {_HAPPENED} AND startsWith(register, 'cash\\x1f')
        AND (epoch, seq) > arrayElementOrNull(
            arrayZip({{epochs:Array(UInt64)}}, {{seqs:Array(UInt64)}}),
            indexOf({{units:Array(String)}}, splitByChar('\\x1f', register)[2]) + 1)
    GROUP BY register
)
"""  # noqa: S608 (our own texts)
        # The first place is that of units never collected.
        places = [(0, 0), *self.collected.values()]
        return Sql(
            text,
            self.as_of.parameters()
            | {
                "units": list(self.collected),
                "epochs": [epoch for epoch, _ in places],
                "seqs": [seq for _, seq in places],
            },
        )


@dataclass(frozen=True)
class LastHeard:
    """One row: first_received_at, received_at, sent_at and queued (of the last report by then), partition,
    offset (of the last report known); `reports` is 0 when the terminal was not heard."""

    as_of: AsOf

    def sql(self) -> Sql:
        text = """
SELECT reports, first_received_at, said.1 AS received_at, said.2 AS sent_at, said.3 AS queued, offset, partition
FROM (
    SELECT countIf(by_then) AS reports, minIf(received, by_then) AS first_received_at,
        argMaxIf(tuple(received, sent_at, queued), place, by_then) AS said,
        max(place) AS offset, any(partition) AS partition
    FROM (
        SELECT received_at AS received, sent_at, queued, offset AS place, partition,
            received_at <= {time:DateTime64(6, 'UTC')} AS by_then
        FROM arrivals
        WHERE terminal = {terminal:String} AND received_at <= {known_at:DateTime64(6, 'UTC')}
    )
)
"""
        return Sql(text, self.as_of.parameters())


@dataclass(frozen=True)
class FaultsThen:
    """Every fault raised by then. Rows: fault_id, body (the record that raised it), cleared_at (null: open)."""

    as_of: AsOf

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
        return Sql(text, self.as_of.parameters())
