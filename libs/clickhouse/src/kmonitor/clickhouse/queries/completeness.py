"""Whether everything has come: what was received, what became of it, and what is missing.

Computed from `arrivals` alone, one row a report, each written whole: so the figures always fit together.
The rules are those of `kmonitor.domain.completeness`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kmonitor.clickhouse.queries.own import among
from kmonitor.clickhouse.queries.query import Sql, where


def _ranges(chosen: str) -> str:
    """One row for each range of numbers in each report, with what came before it: in its epoch (`before`, 0
    when nothing did; `applied_before` without refused items), and over all epochs (the latest event's time)."""
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
        FROM arrivals FINAL ARRAY JOIN first_seqs AS first, last_seqs AS last, last_times AS time
        {chosen}
        UNION ALL
        SELECT terminal, epoch, offset, seq AS first, seq AS last, toDateTime64(0, 6, 'UTC') AS time,
            0 AS is_event
        FROM arrivals FINAL ARRAY JOIN refused_seqs AS seq
        {chosen}
    )
    WINDOW
        in_epoch AS (PARTITION BY terminal, epoch ORDER BY first, last
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        in_terminal AS (PARTITION BY terminal ORDER BY epoch, first, last
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
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
WITH {_ranges(chosen)},
holes AS (
    SELECT terminal,
        sumIf(greatest(0, toInt64(last) - toInt64(greatest(applied_before, first - 1))), is_event) AS applied,
        sumIf(first - before - 1, first > before + 1) AS missing,
        argMinIf(tuple(has_time_before, time_before), (epoch, first), first > before + 1) AS hole,
        missing > 0 AS has_hole
    FROM ranges GROUP BY terminal
),
terminals AS (
    SELECT terminal, sum(events) + sum(refused) AS received, sum(duplicates) AS duplicate,
        sum(length(refused_keys)) + sum(length(conflict_keys)) AS quarantined,
        argMax(tuple(queued, is_backlog, received_at, interval_s,
            if(abs(dateDiff('microsecond', sent_at, received_at)) > 300000000, received_at, sent_at)),
            offset) AS said,
        argMaxIf(last_times[-1], (epoch, last_seqs[-1], bitNot(offset)), notEmpty(last_seqs)) AS latest_at,
        countIf(notEmpty(last_seqs)) > 0 AS has_latest
    FROM arrivals FINAL {chosen} GROUP BY terminal
),
bounds AS (
    SELECT received, duplicate, quarantined, applied, missing, said.1 > 0 OR said.2 AS is_catching_up,
        dateDiff('microsecond', said.3, max(said.3) OVER ()) <= 2500000 * said.4 AS is_heard,
        if(has_hole AND NOT hole.1 OR said.1 > 0 AND NOT has_latest, NULL,
            least(if(has_hole, hole.2, said.5), if(said.1 > 0, latest_at, said.5))) AS complete_to
    FROM terminals LEFT JOIN holes USING (terminal)
)
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
    """Numbers that never came, between 1 and the highest of each epoch.

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
