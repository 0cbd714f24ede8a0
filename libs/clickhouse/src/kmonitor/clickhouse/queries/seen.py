"""What the sinks ask before they write: which events had come before a place in the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from kmonitor.clickhouse.queries.query import Sql

CHUNK = 2_000
"""How many names one question may hold: they travel in its address."""


@dataclass(frozen=True)
class SeenBefore:
    """The numbers of each terminal's events in reports of a partition below an offset.

    Rows: terminal, epoch, last, gaps [(from, to)].
    """

    partition: int
    below: int
    terminals: Sequence[str]

    def sql(self) -> Sql:
        text = """
SELECT terminal, epoch, max(last) AS last, groupArrayIf((before + 1, first - 1), first > before + 1) AS gaps
FROM (
    SELECT terminal, epoch, first, last,
        max(last) OVER (PARTITION BY terminal, epoch ORDER BY first, last
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM arrivals ARRAY JOIN first_seqs AS first, last_seqs AS last
    WHERE terminal IN {terminals:Array(String)} AND partition = {partition:UInt32} AND offset < {below:UInt64}
)
GROUP BY terminal, epoch
"""
        return Sql(text, {"terminals": list(self.terminals), "partition": self.partition, "below": self.below})


@dataclass(frozen=True)
class KeysBefore:
    """What was quarantined of these terminals below an offset, and what was re-driven since.

    Rows: terminal, keys (of refused and conflicting items), released (those that are so no more), redriven
    (identities of the quarantine's entries).
    """

    partition: int
    below: int
    terminals: Sequence[str]

    def sql(self) -> Sql:
        text = """
SELECT terminal, groupArrayArray(arrayConcat(refused_keys, conflict_keys)) AS keys,
    groupArrayArray(released_keys) AS released, groupArrayIf(redriven, redriven != '') AS redriven
FROM arrivals
WHERE terminal IN {terminals:Array(String)} AND partition = {partition:UInt32} AND offset < {below:UInt64}
    AND (notEmpty(refused_keys) OR notEmpty(conflict_keys) OR is_redrive)
GROUP BY terminal
"""
        return Sql(text, {"terminals": list(self.terminals), "partition": self.partition, "below": self.below})


@dataclass(frozen=True)
class StoredBodies:
    """The bytes of these events (terminal, epoch, seq). Rows: terminal, epoch, seq, body."""

    identities: Sequence[tuple[str, int, int]]

    def sql(self) -> Sql:
        text = """
SELECT terminal, epoch, seq, argMax(body, precedence) AS body
FROM events
WHERE (terminal, epoch, seq) IN (
    SELECT arrayJoin(arrayZip({terminals:Array(String)}, {epochs:Array(UInt64)}, {seqs:Array(UInt64)})))
GROUP BY terminal, epoch, seq
"""
        terminals, epochs, seqs = zip(*self.identities, strict=True)
        return Sql(text, {"terminals": list(terminals), "epochs": list(epochs), "seqs": list(seqs)})


@dataclass(frozen=True)
class RevenueProgress:
    """How far revenue has counted these terminals. Rows: terminal, revision, epochs, first_seqs, last_seqs."""

    terminals: Sequence[str]

    def sql(self) -> Sql:
        text = """
SELECT terminal, revision, epochs, first_seqs, last_seqs
FROM revenue_progress FINAL
WHERE terminal IN {terminals:Array(String)}
"""
        return Sql(text, {"terminals": list(self.terminals)})


@dataclass(frozen=True)
class OperationsKnown:
    """The highest operation that a partition had shown below an offset. Rows: one, operations_up_to."""

    table: str
    partition: int
    below: int

    def sql(self) -> Sql:
        place = {"arrivals": "offset", "revenue_progress": "revision"}[self.table]
        text = f"""
SELECT if(count() = 0, -1, max(operations_up_to)) AS operations_up_to
FROM {self.table}
WHERE partition = {{partition:UInt32}} AND {place} < {{below:UInt64}}
"""  # noqa: S608 (one of two names)
        return Sql(text, {"partition": self.partition, "below": self.below})
