"""Whether everything has come: what was received, what became of it, and what is missing.

Computed from `arrivals`, one row a report, each written whole: so the figures always fit together; and from
`write_offs`. The rules are those of `kmonitor.domain.completeness`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kmonitor.clickhouse.queries.own import among
from kmonitor.clickhouse.queries.query import Sql, where

ONE = "terminal = {terminal:String}"
# The numbers of a row of `arrivals`: the highest that came, refused items included.
_LAST_SEQ = "max(arrayMax(arrayConcat(last_seqs, refused_seqs, [toUInt64(0)])))"


def _ranges(chosen: str) -> str:
    """One row for each range of numbers in each report and each write-off, with what came before it: in its
    epoch (`before`, 0 when nothing did; `applied_before` only what was applied), and over all epochs (the
    latest event's time). A write-off ends with the highest number that came: above it nothing is missing."""
    return f"""
ranges AS (
    SELECT terminal, epoch, first, last,
        max(last) OVER in_epoch AS before,
        max(if(is_event, last, 0)) OVER in_epoch AS applied_before,
        argMaxIf(time, (epoch, last, bitNot(offset)), is_event) OVER in_terminal AS time_before,
        countIf(is_event) OVER in_terminal > 0 AS has_time_before,
        is_event
    FROM (
        SELECT terminal, epoch, offset, first, last, time, 1 AS is_event
        FROM arrivals FINAL ARRAY JOIN first_seqs AS first, last_seqs AS last, last_times AS time {chosen}
        UNION ALL
        SELECT terminal, epoch, offset, seq AS first, seq AS last, toDateTime64(0, 6, 'UTC') AS time,
            0 AS is_event
        FROM arrivals FINAL ARRAY JOIN refused_seqs AS seq {chosen}
        UNION ALL
        SELECT terminal, epoch, number AS offset, from_seq AS first, least(to_seq, highest) AS last,
            toDateTime64(0, 6, 'UTC') AS time, 0 AS is_event
        FROM write_offs FINAL
        INNER JOIN (
            SELECT terminal, epoch, {_LAST_SEQ} AS highest FROM arrivals
            WHERE (terminal, epoch) IN (SELECT terminal, epoch FROM write_offs {chosen})
            GROUP BY terminal, epoch
        ) AS came USING (terminal, epoch)
        WHERE from_seq <= highest
    )
    WINDOW
        in_epoch AS (PARTITION BY terminal, epoch ORDER BY first, last
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        in_terminal AS (PARTITION BY terminal ORDER BY epoch, first, last
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)"""  # noqa: S608 (our own texts)


_COUNTS = """sum(events) + sum(refused) - sum(uncounted) AS received, sum(duplicates) AS duplicate,
        sum(length(refused_keys)) + sum(length(conflict_keys)) - sum(length(released_keys)) AS quarantined"""
_APPLIED = "sumIf(greatest(0, toInt64(last) - toInt64(greatest(applied_before, first - 1))), is_event)"


def _bounds(chosen: str) -> str:
    """One row for each terminal: its counts, and how far it is complete."""
    return f"""
{_ranges(chosen)},
holes AS (
    SELECT terminal, {_APPLIED} AS applied,
        sumIf(first - before - 1, first > before + 1) AS missing,
        argMinIf(tuple(has_time_before, time_before), (epoch, first), first > before + 1) AS hole,
        missing > 0 AS has_hole
    FROM ranges GROUP BY terminal
),
terminals AS (
    SELECT terminal, {_COUNTS},
        argMaxIf(tuple(queued, is_backlog, received_at, interval_s,
            if(abs(dateDiff('microsecond', sent_at, received_at)) > 300000000, received_at, sent_at)),
            offset, NOT is_redrive) AS said,
        countIf(NOT is_redrive) > 0 AS has_said,
        argMaxIf(last_times[-1], (epoch, last_seqs[-1], bitNot(offset)), notEmpty(last_seqs)) AS latest_at,
        countIf(notEmpty(last_seqs)) > 0 AS has_latest
    FROM arrivals FINAL {chosen} GROUP BY terminal
),
bounds AS (
    SELECT received, duplicate, quarantined, applied, missing, said.1 AS queued,
        has_said AND (queued > 0 OR said.2) AS is_catching_up,
        has_said AND dateDiff('microsecond', said.3, maxIf(said.3, has_said) OVER ()) <= 2500000 * said.4
            AS is_heard,
        if(NOT has_said OR has_hole AND NOT hole.1 OR queued > 0 AND NOT has_latest, NULL,
            least(said.5, if(has_hole, hole.2, said.5), if(queued > 0, latest_at, said.5))) AS complete_to
    FROM terminals LEFT JOIN holes USING (terminal)
)"""  # noqa: S608 (our own texts)


@dataclass(frozen=True)
class Completeness:
    """One row: received, applied, duplicate, quarantined, complete_to (None when a heard terminal's very
    beginning is missing, or nothing was heard), catching_up, missing (how many events).

    `terminals`: of these alone.
    """

    terminals: Sequence[str] | None = None

    def sql(self) -> Sql:
        own = among(self.terminals)
        chosen = where({own.text: self.terminals})
        text = f"""
WITH {_bounds(chosen)}
SELECT toUInt64(sum(received)) AS received, toUInt64(sum(applied)) AS applied,
    toUInt64(sum(duplicate)) AS duplicate, toUInt64(sum(quarantined)) AS quarantined,
    if(countIf(is_heard) = 0 OR countIf(is_heard AND isNull(complete_to)) > 0, NULL,
        minIf(complete_to, is_heard)) AS complete_to,
    countIf(is_catching_up) AS catching_up, toUInt64(sum(missing)) AS missing
FROM bounds
"""  # noqa: S608 (our own texts)
        return Sql(text, own.parameters)


@dataclass(frozen=True)
class Missing:
    """Numbers that never came and were not written off, between 1 and the highest of each epoch.

    Rows: terminal, epoch, from_seq, to_seq. `after`: (terminal, epoch, from_seq) of the last row.
    `terminals`: of these alone.
    """

    terminals: Sequence[str] | None = None
    after: tuple[str, int, int] | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        terminal, epoch, seq = self.after or ("", 0, 0)
        own = among(self.terminals)
        text = f"""
WITH {_ranges(where({own.text: self.terminals}))}
SELECT terminal, epoch, before + 1 AS from_seq, first - 1 AS to_seq
FROM ranges
WHERE first > before + 1
    AND (terminal, epoch, from_seq) > ({{terminal:String}}, {{epoch:UInt64}}, {{seq:UInt64}})
ORDER BY terminal, epoch, from_seq
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        given = {"terminal": terminal, "epoch": epoch, "seq": seq, "limit": self.limit}
        return Sql(text, given | dict(own.parameters))


@dataclass(frozen=True)
class TerminalCompleteness:
    """How far one terminal is complete, by the rules of the whole network, whether or not it is heard now.

    Rows: one, or none when nothing came: complete_to (None when its beginning is missing, or when it never
    spoke itself), catching_up, queued.
    """

    terminal: str

    def sql(self) -> Sql:
        text = f"""
WITH {_bounds(where({ONE: self.terminal}))}
SELECT complete_to, toBool(is_catching_up) AS catching_up, queued FROM bounds
"""  # noqa: S608 (our own texts)
        return Sql(text, {"terminal": self.terminal})


@dataclass(frozen=True)
class TerminalEpochs:
    """What came of one terminal in each epoch.

    Rows: epoch, received, applied, duplicate, quarantined, last_seq, gaps [(from, to)]: what did not come
    below `last_seq`, written off or not.
    """

    terminal: str

    def sql(self) -> Sql:
        text = f"""
WITH ranges AS (
    SELECT epoch, first, last, is_event,
        max(last) OVER in_epoch AS before,
        max(if(is_event, last, 0)) OVER in_epoch AS applied_before
    FROM (
        SELECT epoch, first, last, 1 AS is_event
        FROM arrivals FINAL ARRAY JOIN first_seqs AS first, last_seqs AS last WHERE {ONE}
        UNION ALL
        SELECT epoch, seq AS first, seq AS last, 0 AS is_event
        FROM arrivals FINAL ARRAY JOIN refused_seqs AS seq WHERE {ONE}
    )
    WINDOW in_epoch AS (PARTITION BY epoch ORDER BY first, last
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
numbers AS (
    SELECT epoch, {_APPLIED} AS applied,
        arraySort(groupArrayIf((before + 1, first - 1), first > before + 1)) AS gaps
    FROM ranges GROUP BY epoch
),
counts AS (
    SELECT epoch, {_COUNTS}, {_LAST_SEQ} AS last_seq FROM arrivals FINAL WHERE {ONE} GROUP BY epoch
)
SELECT epoch, toUInt64(received) AS received, toUInt64(applied) AS applied, toUInt64(duplicate) AS duplicate,
    toUInt64(quarantined) AS quarantined, last_seq, gaps
FROM counts LEFT JOIN numbers USING (epoch)
ORDER BY epoch
"""  # noqa: S608 (our own texts)
        return Sql(text, {"terminal": self.terminal})


@dataclass(frozen=True)
class WriteOffs:
    """What the office wrote off, in the order of the operations.

    Rows: number, terminal, epoch, from_seq, to_seq, reason, author, recorded_at.
    """

    terminal: str | None = None
    number: int | None = None

    def sql(self) -> Sql:
        text = f"""
SELECT number, terminal, epoch, from_seq, to_seq, reason, author, recorded_at
FROM write_offs FINAL
{where({ONE: self.terminal, "number = {number:UInt64}": self.number})}
ORDER BY number
"""  # noqa: S608 (our own texts)
        given = {"terminal": self.terminal, "number": self.number}
        return Sql(text, {name: value for name, value in given.items() if value is not None})
