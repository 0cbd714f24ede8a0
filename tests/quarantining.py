"""Entries of the quarantine as an older gateway, which could read less, wrote them."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from kmonitor.events.codec import encode
from kmonitor.events.log import RawReport, Refusal, ReportOf
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.quarantine import QuarantineEntry, Refused, refused_item
from kmonitor.kafka.topics import QUARANTINE, TERMINAL_EVENTS

EPOCH = 1_763_800_000


def refused_payment(terminal: str, seq: int, **said: Any) -> QuarantineEntry:
    """A payment of a day ago that is said to have been unreadable."""
    at = datetime.now(UTC) - timedelta(days=1)
    event = {
        "seq": seq,
        "type": "payment.accepted.v1",
        "at": at.isoformat(),
        "payment_id": f"p-{seq}",
        "service": "mobile.beeline",
        "recipient": "beeline",
        "method": "cash",
        "currency": "RUB",
        "inserted_minor": 50_000,
        "credited_minor": 48_500,
        "fee_minor": 1_500,
        "change_minor": 0,
    }
    return refused_item(
        Refused(
            value=json.dumps(event | said).encode(),
            reason="unknown_type",
            detail="no such type, said the gateway of then",
            terminal=terminal,
            epoch=EPOCH,
            item_index=0,
            seq=seq,
            received_at=(at + timedelta(seconds=1)).isoformat(),
        )
    )


def write(bootstrap: str, *entries: QuarantineEntry, with_report: bool = True) -> list[int]:
    """Into the quarantine, and the report that held the item into the log. The offsets in the quarantine."""

    async def send() -> list[int]:
        async with DurableProducer(bootstrap, client_id="an-older-gateway") as producer:
            offsets: list[int] = []
            for entry in entries:
                key, value, headers = entry.to_record()
                offsets.append((await producer.send(QUARANTINE, key, value, headers)).offset)
                if with_report:
                    await producer.send(TERMINAL_EVENTS, key, encode(report_of(entry)))
            return offsets

    # In a thread of its own: a test may run in a loop itself.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(send())).result()


def report_of(entry: QuarantineEntry) -> RawReport:
    """The report that held it, as the log has it: an older gateway did not say identities there."""
    received_at = datetime.fromisoformat(entry.received_at)
    report: RawReport = ReportOf(
        terminal=str(entry.terminal),
        epoch=entry.epoch or 0,
        sent_at=received_at,
        received_at=received_at,
        queued=0,
        operations_up_to=-1,
        events=[],
        refused=[Refusal(index=entry.item_index or 0, seq=entry.seq, reason="unknown_type")],
    )
    return report
