"""What could not be read, and what has become of it since."""

from dataclasses import dataclass
from datetime import datetime

from kmonitor.clickhouse.queries.query import Sql, where


@dataclass(frozen=True, kw_only=True)
class QuarantineEntries:
    """What could not be read, the latest first.

    `from_` and `to` cut by the time of receiving. Rows: identity, reason, stage, detail, terminal (empty when
    not known), epoch, seq, item_index, original_topic, original_partition, original_offset, received_at,
    sent_at, redacted, key, value, value_base64 (the exact bytes, whatever they are), offset (in the quarantine
    topic); and of the first re-drive that settled it, None while there is none: redriven_at, redriven_by,
    redriven_partition, redriven_offset.
    `after`: (received_at, identity) of the last row.
    """

    identity: str | None = None
    terminal: str | None = None
    reason: str | None = None
    stage: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    is_redriven: bool | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        chosen = where(
            {
                "identity = {identity:String}": self.identity,
                "terminal = {terminal:String}": self.terminal,
                "reason = {reason:String}": self.reason,
                "stage = {stage:String}": self.stage,
                "received_at >= {from:DateTime64(6, 'UTC')}": self.from_,
                "received_at < {to:DateTime64(6, 'UTC')}": self.to,
                "isNotNull(redriven_at) = {is_redriven:Bool}": self.is_redriven,
                "(received_at, identity) < ({after_at:DateTime64(6, 'UTC')}, {after_id:String})": self.after,
            }
        )
        text = f"""
SELECT identity, reason, stage, detail, terminal, epoch, seq, item_index, original_topic, original_partition,
    original_offset, received_at, sent_at, redacted, key, value, base64Encode(value) AS value_base64, offset,
    redriven_at, redriven_by, redriven_partition, redriven_offset
FROM quarantine FINAL
LEFT JOIN (
    SELECT redriven AS identity, any(received_at) AS redriven_at, toString(any(redriven_by)) AS redriven_by,
        any(partition) AS redriven_partition, any(offset) AS redriven_offset
    FROM arrivals WHERE is_redrive AND redriven != ''
    GROUP BY redriven
) AS redrives USING (identity)
{chosen}
ORDER BY received_at DESC, identity DESC
LIMIT {{limit:UInt32}}
SETTINGS join_use_nulls = 1
"""  # noqa: S608 (our own texts)
        at, identity = self.after or (None, None)
        given = {
            "identity": self.identity,
            "terminal": self.terminal,
            "reason": self.reason,
            "stage": self.stage,
            "from": self.from_,
            "to": self.to,
            "is_redriven": self.is_redriven,
            "after_at": at,
            "after_id": identity,
            "limit": self.limit,
        }
        return Sql(text, {name: value for name, value in given.items() if value is not None})
