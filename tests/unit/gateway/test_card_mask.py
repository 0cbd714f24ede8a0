"""No card number passes, and nothing else is touched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.card_numbers import find_cards, looks_like_card

MASK = CardMask(b"k" * 32)
CARDS = {
    "Visa": "4539148803436467",
    "Visa of 13": "4222222222222",
    "Mastercard": "5555555555554444",
    "Mastercard 2": "2223000048400011",
    "Mir": "2200700123456789",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "JCB": "3530111333300000",
    "Diners": "30569309025904",
    "Maestro": "6304000000000000",
    "UnionPay": "6200000000000005",
}


def with_check_digit(digits: str) -> str:
    """The digits with the last one such that Luhn's sum is whole."""
    return next(said for last in "0123456789" if _luhn(said := digits[:-1] + last))


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def token(digits: str) -> str:
    return MASK.token(digits.encode()).decode()


def masked(value: Any) -> Any:
    return json.loads(MASK.mask(json.dumps(value, ensure_ascii=False).encode())[0])


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    prefix = draw(
        st.sampled_from(["4", "51", "2221", "2720", "2200", "2204", "34", "37", "62", "3528", "6011", "50"])
    )
    length = 15 if prefix in ("34", "37") else 16
    rest = draw(st.text("0123456789", min_size=length - len(prefix), max_size=length - len(prefix)))
    return with_check_digit(prefix + rest)


separators = st.sampled_from(["", "", "", " ", "-", " - "])
around = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=10).filter(
    lambda text: not any(sign.isdigit() for sign in text)
)
plain_numbers = st.integers(-(10**12) + 1, 10**12 - 1) | st.floats(-1e11, 1e11)


@pytest.mark.parametrize("name", CARDS)
def test_each_scheme_is_known(name: str) -> None:
    digits = with_check_digit(CARDS[name])
    assert looks_like_card(digits.encode())
    assert not looks_like_card(digits[:-1].encode() + str((int(digits[-1]) + 1) % 10).encode())


@given(card_numbers(), st.data(), around, around)
def test_a_card_is_found_however_it_is_grouped(card: str, data: st.DataObject, before: str, after: str) -> None:
    spelled = "".join(digit + data.draw(separators) for digit in card[:-1]) + card[-1]
    assert masked({"note": before + spelled + after}) == {"note": before + token(card) + after}


@given(card_numbers(), st.sets(st.integers(0, 15)))
def test_a_card_is_found_behind_escapes(card: str, escaped: set[int]) -> None:
    spelled = "".join(f"\\u003{digit}" if place in escaped else digit for place, digit in enumerate(card))
    body = b'{"a\\u0444' + spelled.encode() + b'\\"":1}'
    assert MASK.mask(body) == (b'{"a\\u0444' + token(card).encode() + b'\\"":1}', 1)


@given(card_numbers())
def test_a_bare_number_becomes_text(card: str) -> None:
    for spelled in (card, f"-{card}", f"{card}.0", f"{card}0e-1", f"{card[0]}.{card[1:]}E{len(card) - 1}"):
        assert MASK.mask(f'{{"n":[1, {spelled} ,2]}}'.encode()) == (
            f'{{"n":[1, "{token(card)}" ,2]}}'.encode(),
            1,
        )


@given(card_numbers(), card_numbers())
def test_one_number_has_one_token_and_two_have_two(one: str, other: str) -> None:
    assert (token(one) == token(other)) == (one == other)
    assert not any(sign.isdigit() for sign in token(one))
    assert CardMask(b"another key").token(one.encode()) != token(one).encode()


@given(
    st.recursive(
        plain_numbers | around | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(around, inner),
    )
)
def test_what_holds_no_card_stays_byte_for_byte(value: Any) -> None:
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=1).encode()):
        assert MASK.mask(body) == (body, 0)


@given(st.lists(st.integers(0, 10**12), max_size=30))
def test_adjacent_numbers_are_never_joined(numbers: list[int]) -> None:
    for body in (json.dumps(numbers).encode(), json.dumps(numbers, separators=(",", ":")).encode()):
        assert MASK.mask(body) == (body, 0)


@given(st.datetimes(), st.integers(0, 999_999))
def test_a_time_is_never_a_card(at: Any, number: int) -> None:
    body = json.dumps({"at": at.isoformat() + "+03:00", "b": at.isoformat(" "), "seq": number}).encode()
    assert MASK.mask(body) == (body, 0)


@pytest.mark.parametrize(
    "text", ["40817810099910004312", "0.4539148803436467", "1763800000000", "+7 916 123-45-67"]
)
def test_accounts_fractions_and_times_are_no_cards(text: str) -> None:
    body = f'{{"text": "x", "n": "{text}"}}'.encode() if text[0] in "+4" else f'{{"n":{text}}}'.encode()
    assert MASK.mask(body) == (body, 0)


@given(st.binary(max_size=300))
def test_any_bytes_are_survived_and_masking_twice_changes_nothing(body: bytes) -> None:
    once, _ = MASK.mask(body)
    assert MASK.mask(once) == (once, 0)


@given(st.text('0123456789 -"\\u3:,{}.eE4', max_size=200))
def test_nothing_found_is_left(text: str) -> None:
    body = json.dumps({"a": text}).encode()
    kept = json.loads(MASK.mask(body)[0])["a"]
    assert next(find_cards(kept.encode()), None) is None


def test_a_card_beside_other_digits_is_found() -> None:
    assert masked(["12 4539 1488 0343 6467 09/27"]) == [f"12 {token('4539148803436467')} 09/27"]
