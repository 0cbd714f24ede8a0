"""POST /v1/operations: what the office says, into the log; answered by what the log then says."""

import asyncio
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct

from kmonitor.domain.objections import objection
from kmonitor.events import codec
from kmonitor.events.office.terminals import TerminalKeyIssued
from kmonitor.events.operations import Operation, OperationBody, subject
from kmonitor.ingest_gateway import identities
from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.delivery import CONFIRM_S, confirmed
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.problems import Problem, not_now
from kmonitor.kafka.errors import KafkaTrouble
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.topics import OPERATIONS

KEY_AT_MOST = 128
APPLY_S = 3.0
LEARN_S = 0.9


class Recorded(Struct, frozen=True, omit_defaults=True):
    """The body of a 202; `key` is the terminal's, the only time it is said."""

    operation_id: str
    key: str | None = None


class Request(Struct, frozen=True):
    """An operation somebody wants recorded, read and named."""

    operation_id: str
    author: str
    body_sha256: str
    body: OperationBody


def read_request(author: str, idempotency_key: str | None, body: bytes) -> Request:
    """Raises Problem: 400 without a usable Idempotency-Key or JSON, 422 for a field that cannot be."""
    if not idempotency_key or len(idempotency_key) > KEY_AT_MOST:
        detail = (
            f"send Idempotency-Key, 1 to {KEY_AT_MOST} characters: a repeated request then has no second effect"
        )
        raise Problem(400, detail, field="Idempotency-Key")
    try:
        said = codec.read_operation(body)
    except codec.Unreadable as unreadable:
        invalid = unreadable.field is not None or isinstance(unreadable.__cause__, msgspec.ValidationError)
        raise Problem(422 if invalid else 400, str(unreadable), field=unreadable.field) from unreadable
    return Request(identities.operation_id(author, idempotency_key), author, identities.body_sha256(body), said)


class Operations:
    """Records operations: one at a time for each subject, any number of them at once."""

    def __init__(self, producer: DurableProducer, office: Office, mask: CardMask, secret: bytes) -> None:
        self._producer = producer
        self._office = office
        self._mask = mask
        self._secret = secret
        self._subjects: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, author: str, idempotency_key: str | None, body: bytes) -> tuple[Recorded, int]:
        """The answer, and how many card numbers were replaced in the body. Raises Problem."""
        masked, redacted = self._mask.mask(body)
        request = read_request(author, idempotency_key, masked)
        if not self._office.ready:
            raise not_now("the registry is being read: send it again")
        # Two keys issued at once must not both find room for one.
        async with self._subjects.setdefault(subject(request.body), asyncio.Lock()):
            if request.operation_id not in self._office.registry.operations:
                await self._refuse_objectionable(request.body)
                await self._record(request, redacted)
        return self._answer(request), redacted

    async def _refuse_objectionable(self, body: OperationBody) -> None:
        found = objection(self._office.registry, body)
        # What contradicts the registry as we know it may be right by what another gateway has just recorded.
        if found is not None and found.conflict and await self._office.caught_up(LEARN_S):
            found = objection(self._office.registry, body)
        if found is not None:
            raise Problem(409 if found.conflict else 422, found.detail, field=found.field)

    async def _record(self, request: Request, redacted: int) -> None:
        """The log has it, then the registry knows it, then the author hears of it."""
        issued = isinstance(request.body, TerminalKeyIssued)
        operation = Operation(
            operation_id=request.operation_id,
            author=request.author,
            recorded_at=datetime.now(UTC),
            body_sha256=request.body_sha256,
            body=request.body,
            key=identities.terminal_secret(self._secret, request.operation_id).stored if issued else None,
        )
        deadline = asyncio.get_running_loop().time() + CONFIRM_S
        headers = [("redacted", b"%d" % redacted)] if redacted else None
        try:
            sent = self._producer.send(
                OPERATIONS, subject(request.body).encode(), codec.encode(operation), headers, partition=0
            )
        except KafkaTrouble as trouble:
            raise not_now("the log cannot take it now: send it again") from trouble
        await confirmed([sent], deadline)
        if not await self._office.applied(sent.result().offset, APPLY_S):
            raise not_now("it was recorded, but not read back in time: send it again, it has no second effect")

    def _answer(self, request: Request) -> Recorded:
        """By the first record in the log with this id, whoever wrote it."""
        _, body_sha256 = self._office.registry.operations[request.operation_id]
        if body_sha256 != request.body_sha256:
            detail = "this Idempotency-Key was used for another operation: take a new one"
            raise Problem(409, detail, field="Idempotency-Key")
        if not isinstance(request.body, TerminalKeyIssued):
            return Recorded(request.operation_id)
        return Recorded(
            request.operation_id, identities.terminal_secret(self._secret, request.operation_id).spoken
        )
