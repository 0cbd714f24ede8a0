"""POST /v1/operations: what the office says, into the log; answered by what the log then says."""

import asyncio
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct

from kmonitor.domain.office.objections import objection
from kmonitor.domain.office.roles import who_may_say
from kmonitor.domain.office.signers import Signer
from kmonitor.events import codec
from kmonitor.events.office.people import PersonRegistered, PersonUpdated, ServiceTokenIssued
from kmonitor.events.office.terminals import TerminalKeyIssued
from kmonitor.events.operations import Operation, OperationBody, subject, without_password
from kmonitor.ingest_gateway import identities
from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.delivery import delivered, redacted_record
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.passwords import Passwords
from kmonitor.ingest_gateway.problems import Problem, not_now
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.topics import OPERATIONS

KEY_AT_MOST = 128
APPLY_S = 3.0
LEARN_S = 0.9


class Recorded(Struct, frozen=True, omit_defaults=True):
    """The body of a 202; `key` is a terminal's, or with `token` a program's: the only time it is said."""

    operation_id: str
    key: str | None = None
    token: str | None = None


class Request(Struct, frozen=True):
    """An operation somebody wants recorded, read and named. `password` stands in no `body`."""

    operation_id: str
    author: str
    body_sha256: str
    body: OperationBody
    password: str | None = None


def read_operation(body: bytes) -> OperationBody:
    """Raises Problem: 400 for what is no JSON, 422 for a field that cannot be."""
    try:
        return codec.read_operation(body)
    except codec.Unreadable as unreadable:
        invalid = unreadable.field is not None or isinstance(unreadable.__cause__, msgspec.ValidationError)
        raise Problem(422 if invalid else 400, str(unreadable), field=unreadable.field) from unreadable


def check_key(idempotency_key: str | None) -> str:
    """Raises Problem 400 without a usable Idempotency-Key."""
    if not idempotency_key or len(idempotency_key) > KEY_AT_MOST:
        detail = (
            f"send Idempotency-Key, 1 to {KEY_AT_MOST} characters: a repeated request then has no second effect"
        )
        raise Problem(400, detail, field="Idempotency-Key")
    return idempotency_key


def refuse_unless_allowed(signer: Signer, body: OperationBody) -> None:
    """Raises Problem 403 when the role of who signs may not say this."""
    allowed = who_may_say(body)
    if signer.role not in allowed:
        roles = ", ".join(sorted(allowed))
        raise Problem(
            403,
            f"{codec.operation_type(body)} is not for the role {signer.role}: ask one of {roles}",
            field="type",
        )


class Operations:
    """Records operations: one at a time for each subject, any number of them at once."""

    def __init__(self, producer: DurableProducer, office: Office, mask: CardMask, secret: bytes) -> None:
        self._producer = producer
        self._office = office
        self._mask = mask
        self._secret = secret
        self._passwords = Passwords(secret)
        self._subjects: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, signer: Signer, idempotency_key: str | None, body: bytes) -> tuple[Recorded, int]:
        """The answer, and how many card numbers were replaced in the body. Raises Problem."""
        key = check_key(idempotency_key)
        masked, redacted = self._mask.mask(body)
        request = self._read(signer, key, body, masked)
        if not self._office.ready:
            raise not_now("the registry is being read: send it again")
        refuse_unless_allowed(signer, request.body)
        # Two keys issued at once must not both find room for one.
        async with self._subjects.setdefault(subject(request.body), asyncio.Lock()):
            if request.operation_id not in self._office.registry.operations:
                await self._refuse_objectionable(request.body)
                await self._record(request, redacted)
        return self._answer(request), redacted

    def _read(self, signer: Signer, key: str, body: bytes, masked: bytes) -> Request:
        said = read_operation(masked)
        name = identities.operation_id(signer.author, key)
        # The password as it was typed: one that looks like a card's number is still a password.
        password = None if password_in(said) is None else password_in(read_operation(body))
        if password is None:
            return Request(name, signer.author, identities.body_sha256(masked), said)
        digest = identities.keyed_body_sha256(self._secret, masked)
        return Request(name, signer.author, digest, without_password(said), password)

    async def _refuse_objectionable(self, body: OperationBody) -> None:
        found = objection(self._office.registry, body)
        # What contradicts the registry as we know it may be right by what another gateway has just recorded.
        if found is not None and found.conflict and await self._office.caught_up(LEARN_S):
            found = objection(self._office.registry, body)
        if found is not None:
            raise Problem(409 if found.conflict else 422, found.detail, field=found.field)

    async def _record(self, request: Request, redacted: int) -> None:
        """The log has it, then the registry knows it, then the author hears of it."""
        password_hash = None
        if request.password is not None:
            password_hash = await self._passwords.hash(request.password, request.operation_id)
        operation = Operation(
            operation_id=request.operation_id,
            author=request.author,
            recorded_at=datetime.now(UTC),
            body_sha256=request.body_sha256,
            body=request.body,
            key=self._issued(request).stored if is_issue(request.body) else None,
            password_hash=password_hash,
        )
        key, value = subject(request.body).encode(), codec.encode(operation)
        place = await delivered(
            lambda: self._producer.send(OPERATIONS, key, value, redacted_record(redacted), partition=0)
        )
        if not await self._office.applied(place.offset, APPLY_S):
            raise not_now("it was recorded, but not read back in time: send it again, it has no second effect")

    def _answer(self, request: Request) -> Recorded:
        """By the first record in the log with this id, whoever wrote it."""
        _, body_sha256 = self._office.registry.operations[request.operation_id]
        if body_sha256 != request.body_sha256:
            detail = "this Idempotency-Key was used for another operation: take a new one"
            raise Problem(409, detail, field="Idempotency-Key")
        if not is_issue(request.body):
            return Recorded(request.operation_id)
        spoken = self._issued(request).spoken
        is_token = isinstance(request.body, ServiceTokenIssued)
        return Recorded(request.operation_id, spoken, spoken if is_token else None)

    def _issued(self, request: Request) -> identities.IssuedSecret:
        return identities.issued_secret(self._secret, request.operation_id)


def password_in(body: OperationBody) -> str | None:
    """The password that an operation sets, if it sets one."""
    return body.password or None if isinstance(body, PersonRegistered | PersonUpdated) else None


def is_issue(body: OperationBody) -> bool:
    """Whether a key or token comes of it."""
    return isinstance(body, TerminalKeyIssued | ServiceTokenIssued)
