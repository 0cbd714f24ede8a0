"""Signing out, told to every process: an operation like any other, since a cookie opens both HTTP services."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from kmonitor.domain.office.sessions import Session
from kmonitor.events.codec import encode
from kmonitor.events.office.people import PersonSignedOut
from kmonitor.events.operations import Operation, subject
from kmonitor.kafka.errors import KafkaTrouble
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.topics import OPERATIONS

CONFIRM_S = 2.0


class SignOuts:
    """Records the end of a session. A session has one end, however often it is told."""

    def __init__(self, producer: DurableProducer, clock: Callable[[], datetime]) -> None:
        self._producer = producer
        self._clock = clock

    async def record(self, session: Session, author: str) -> str | None:
        """The operation that ends it, once the log has it; None when the log does not answer in time."""
        operation = ended(session, author, self._clock())
        try:
            async with asyncio.timeout(CONFIRM_S):
                key = subject(operation.body).encode()
                await self._producer.send(OPERATIONS, key, encode(operation), partition=0)
        except (KafkaTrouble, TimeoutError):
            return None
        return operation.operation_id


def ended(session: Session, author: str, now: datetime) -> Operation:
    body = PersonSignedOut(session=session.session, expires_at=datetime.fromtimestamp(session.expires_at, UTC))
    return Operation(
        operation_id=sha256(f"person.signed_out {session.session}".encode()).hexdigest()[:32],
        author=author,
        recorded_at=now,
        body_sha256=sha256(encode(body)).hexdigest(),
        body=body,
    )
