"""What a payment card's number looks like: a scheme's prefix and length, and the Luhn check."""

import re
from collections.abc import Iterator
from itertools import accumulate

from msgspec import Struct

SHORTEST, LONGEST = 13, 19

# (first and last prefix of a range, the lengths it comes in), by ISO/IEC 7812 ranges the schemes publish.
SCHEMES: tuple[tuple[int, int, range], ...] = (
    (4000, 4999, range(13, 20, 3)),  # Visa: 13, 16, 19
    (2221, 2720, range(16, 17)),  # Mastercard
    (5100, 5599, range(16, 17)),  # Mastercard
    (2200, 2204, range(16, 20)),  # Mir
    (3400, 3499, range(15, 16)),  # American Express
    (3700, 3799, range(15, 16)),  # American Express
    (3000, 3059, range(14, 20)),  # Diners Club
    (3095, 3095, range(14, 20)),  # Diners Club
    (3600, 3699, range(14, 20)),  # Diners Club
    (3800, 3999, range(14, 20)),  # Diners Club
    (3528, 3589, range(16, 20)),  # JCB
    (5000, 5099, range(13, 20)),  # Maestro
    (5600, 5899, range(13, 20)),  # Maestro
    (6300, 6399, range(13, 20)),  # Maestro
    (6700, 6799, range(13, 20)),  # Maestro
    (6000, 6099, range(16, 20)),  # Discover (6011), RuPay
    (6440, 6599, range(16, 20)),  # Discover
    (6200, 6299, range(16, 20)),  # UnionPay
    (8100, 8199, range(16, 20)),  # UnionPay
    (8600, 8600, range(16, 17)),  # Uzcard
    (9112, 9112, range(16, 17)),  # Belkart
    (9792, 9792, range(16, 17)),  # Troy
    (9860, 9860, range(16, 17)),  # Humo
)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# People group digits by a space, a hyphen, or « - »; digits further apart are different numbers.
_RUN = re.compile(rb"[0-9](?:[ -]{0,3}+[0-9]){%d,}+" % (SHORTEST - 1))
_GROUP = re.compile(rb"[0-9]+")


def _lengths_by_prefix() -> list[frozenset[int]]:
    table: list[set[int]] = [set() for _ in range(10_000)]
    for first, last, lengths in SCHEMES:
        for prefix in range(first, last + 1):
            table[prefix].update(lengths)
    return [frozenset(lengths) for lengths in table]


_LENGTHS = _lengths_by_prefix()


class Found(Struct, frozen=True):
    """Where a card's number stands in a text, separators included, and its bare digits."""

    start: int
    end: int
    digits: bytes


def looks_like_card(digits: bytes) -> bool:
    """Whether bare digits are as a card's number is."""
    return len(digits) in _LENGTHS[int(digits[:4] or b"0")] and _sums(digits)[len(digits) % 2][-1] % 10 == 0


def find_cards(text: bytes) -> Iterator[Found]:
    """Every card number in a text, left to right, none overlapping.

    A number begins and ends with a group of digits: the inside of a longer group (a bank account of
    20 digits) is no candidate.
    """
    for run in _RUN.finditer(text):
        yield from _in_run(run.group(), run.start())


def _in_run(run: bytes, at: int) -> Iterator[Found]:
    groups = [group.span() for group in _GROUP.finditer(run)]
    digits = run.translate(None, b" -")
    sums = _sums(digits)
    before = [0, *accumulate(end - start for start, end in groups)]
    first = 0
    while first < len(groups):
        last = _last_group(digits, sums, before, first)
        if last is None:
            first += 1
            continue
        span = (groups[first][0], groups[last][1])
        yield Found(at + span[0], at + span[1], digits[before[first] : before[last + 1]])
        first = last + 1


def _last_group(digits: bytes, sums: tuple[list[int], list[int]], before: list[int], first: int) -> int | None:
    """With which group the longest card number that begins with group `first` ends."""
    start = before[first]
    lengths = _LENGTHS[int(digits[start : start + 4])]
    if not lengths:
        return None
    found = None
    for last in range(first, len(before) - 1):
        end = before[last + 1]
        if end - start > LONGEST:
            break
        if end - start in lengths and (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0:
            found = last
    return found


def _sums(digits: bytes) -> tuple[list[int], list[int]]:
    """Running Luhn sums for numbers that end at an even and at an odd place, so that any part costs O(1)."""
    values = [digit - 48 for digit in digits]
    even = (_DOUBLED[value] if place % 2 == 0 else value for place, value in enumerate(values))
    odd = (_DOUBLED[value] if place % 2 == 1 else value for place, value in enumerate(values))
    return [0, *accumulate(even)], [0, *accumulate(odd)]
