"""Replaces card numbers in JSON by keyed tokens; every other byte stays as it came."""

import hashlib
import hmac
import re
from collections.abc import Iterator

from kmonitor.ingest_gateway.card_numbers import SHORTEST, find_cards, looks_like_card

PREFIX = b"card_"
_ZEROS = b"0" * SHORTEST
_DIGITS_AS_ZERO = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
# Tokens must never look like what they replace: sixteen letters stand for the sixteen hex digits.
_LETTERS = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")

_ESCAPED_DIGIT_OR_SEPARATOR = re.compile(rb"\\u00(?:3[0-9]|2[0dD])")
# 4.111111111111111E15 is how some writers spell a large whole number.
_EXPONENT = re.compile(rb"[0-9]{12}[eE]")
# Both end at the end of the text at the latest, so that a string never closed is looked at once only.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|-?[0-9][0-9.eE+-]*+', re.DOTALL)
_UNIT = re.compile(rb"\\u00([23][0-9a-fA-F])|\\u[0-9a-fA-F]{4}|\\(?:.|\Z)|[^\\]", re.DOTALL)
_NUMBER = re.compile(rb"-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?\Z")


class CardMask:
    """`mask(body)` gives the body without card numbers, and how many were replaced.

    The token is keyed (HMAC-SHA256 of the digits, cut to 80 bits): one number has one token everywhere,
    and nobody without the key can tell which number it was.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, digits: bytes) -> bytes:
        """As `card_` and twenty letters."""
        digest = hmac.new(self._key, b"card\0" + digits, hashlib.sha256).hexdigest()
        return PREFIX + digest[:20].encode().translate(_LETTERS)

    def mask(self, body: bytes) -> tuple[bytes, int]:
        """JSON text in, JSON text out; nearly free when nothing in it can be a card number."""
        if not _may_hold_card(body):
            return body, 0
        pieces: list[bytes] = []
        replaced = kept_to = 0
        for token in _TOKEN.finditer(body):
            masked, count = self._mask_token(token.group())
            if count:
                pieces += (body[kept_to : token.start()], masked)
                kept_to = token.end()
                replaced += count
        return (b"".join((*pieces, body[kept_to:])), replaced) if replaced else (body, 0)

    def _mask_token(self, token: bytes) -> tuple[bytes, int]:
        if len(token) < SHORTEST:
            return token, 0
        if token[:1] == b'"':
            return self._mask_string(token)
        digits = next((each for each in _whole_digits(token) if looks_like_card(each)), None)
        # A number becomes text: the item is refused then, and kept without the card in the quarantine.
        return (token, 0) if digits is None else (b'"' + self.token(digits) + b'"', 1)

    def _mask_string(self, token: bytes) -> tuple[bytes, int]:
        plain, starts = _unescaped(token) if b"\\" in token else (token, range(len(token) + 1))
        pieces: list[bytes] = []
        kept_to = 0
        for found in find_cards(plain):
            pieces += (token[kept_to : starts[found.start]], self.token(found.digits))
            kept_to = starts[found.end]
        return b"".join((*pieces, token[kept_to:])), len(pieces) // 2


def _may_hold_card(body: bytes) -> bool:
    if b"\\u00" in body and _ESCAPED_DIGIT_OR_SEPARATOR.search(body):
        return True
    if _ZEROS not in body.translate(_DIGITS_AS_ZERO, b" -"):
        return False
    if b"\\u" in body:
        return True  # the digits of an escape may stand right before a card's
    return next(find_cards(body), None) is not None or _EXPONENT.search(body) is not None


def _unescaped(token: bytes) -> tuple[bytes, list[int]]:
    """A byte for each character (escaped digits and separators as themselves), and where each starts."""
    plain, starts = bytearray(), []
    for unit in _UNIT.finditer(token):
        escaped = unit.group(1)
        raw = unit.group()
        plain += bytes([int(escaped, 16)]) if escaped else raw if len(raw) == 1 else b"\0"
        starts.append(unit.start())
    return bytes(plain), [*starts, len(token)]


def _whole_digits(number: bytes) -> Iterator[bytes]:
    """The digits of the value where it is whole, and the digits before the point."""
    said = _NUMBER.match(number)
    if said is None:
        return
    whole, fraction, exponent = said[1], said[2] or b"", int(said[3] or 0)
    digits, shift = whole + fraction, exponent - len(fraction)
    if shift >= 0:
        yield digits + b"0" * min(shift, 20)
    elif not digits[shift:].strip(b"0"):
        yield digits[:shift]
    yield whole
