"""Names derived from their cause: an operation's from author and key, an issued key from the operation."""

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
    return hashlib.sha256(_canonical(body)).hexdigest()


def keyed_body_sha256(key: bytes, body: bytes) -> str:
    """The same for a body with a password in it: nobody without the key can try passwords against it."""
    return hmac.new(key, b"operation-body\0" + _canonical(body), hashlib.sha256).hexdigest()


def password_salt(key: bytes, operation: str) -> bytes:
    """The salt of the password that an operation sets: no other's, and the same on every gateway."""
    return hmac.digest(key, f"password-salt\0{operation}".encode(), "sha256")[:16]


class IssuedSecret(msgspec.Struct, frozen=True):
    """A terminal's key or a program's token as it is handed out, once and never stored."""

    key_id: str
    secret: str

    @property
    def spoken(self) -> str:
        return f"{self.key_id}.{self.secret}"

    @property
    def stored(self) -> IssuedKey:
        """What the log keeps of it."""
        return IssuedKey(key_id=self.key_id, secret_sha256=hashlib.sha256(self.secret.encode()).hexdigest())


def issued_secret(key: bytes, operation: str) -> IssuedSecret:
    """What an operation issued: a repeated request gets the same one."""
    return IssuedSecret(_derived(key, "key-id", operation)[:20], _derived(key, "key-secret", operation))


def _canonical(body: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(body), order="sorted")


def _derived(key: bytes, purpose: str, operation: str) -> str:
    digest = hmac.new(key, f"{purpose}\0{operation}".encode(), hashlib.sha256).hexdigest()
    return digest.translate(_LETTERS)
