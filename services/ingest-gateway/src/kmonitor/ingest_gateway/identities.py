"""Names derived from their cause: an operation's from author and key, a terminal's key from the operation."""

import hashlib
import hmac

import msgspec

from kmonitor.events.operations import IssuedKey

# Letters only: no name of ours may ever be taken for a card's number.
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def operation_id(author: str, idempotency_key: str) -> str:
    """The same author and Idempotency-Key name the same operation, on every gateway and for ever."""
    said = f"{len(author)}:{author}{idempotency_key}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def body_sha256(body: bytes) -> str:
    """Equal for any spelling (spaces, order of keys) of the same JSON."""
    said = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    return hashlib.sha256(said).hexdigest()


class TerminalSecret(msgspec.Struct, frozen=True):
    """A terminal's key as it is handed out, once and never stored."""

    key_id: str
    secret: str

    @property
    def spoken(self) -> str:
        return f"{self.key_id}.{self.secret}"

    @property
    def stored(self) -> IssuedKey:
        """What the log keeps of it."""
        return IssuedKey(key_id=self.key_id, secret_sha256=hashlib.sha256(self.secret.encode()).hexdigest())


def terminal_secret(key: bytes, operation: str) -> TerminalSecret:
    """The key that an operation issued: a repeated request gets the same one."""
    return TerminalSecret(_derived(key, "key-id", operation)[:20], _derived(key, "key-secret", operation))


def _derived(key: bytes, purpose: str, operation: str) -> str:
    digest = hmac.new(key, f"{purpose}\0{operation}".encode(), hashlib.sha256).hexdigest()
    return digest.translate(_LETTERS)
