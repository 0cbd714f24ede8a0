"""Names derive from their cause and from nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.identities import body_sha256, issued_secret, keyed_body_sha256, operation_id

KEY = b"k" * 32


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_two_causes_never_share_a_name(author: str, key: str, other_author: str, other_key: str) -> None:
    same = (author, key) == (other_author, other_key)
    assert (operation_id(author, key) == operation_id(other_author, other_key)) == same


@given(st.text(max_size=20))
def test_a_terminals_key_is_the_same_each_time_and_no_card(operation: str) -> None:
    issued = issued_secret(KEY, operation)
    assert issued == issued_secret(KEY, operation)
    assert issued.secret not in str(issued.stored)
    assert CardMask(KEY).mask(issued.spoken.encode()) == (issued.spoken.encode(), 0)
    assert issued_secret(b"another", operation) != issued


def test_a_body_is_the_same_however_it_is_spelled() -> None:
    assert body_sha256(b'{"a":1,"b":[2]}') == body_sha256(b'{ "b" : [2], "a": 1 }')
    assert body_sha256(b'{"a":1}') != body_sha256(b'{"a":2}')


def test_the_digest_of_a_body_with_a_password_tells_nobody_the_password() -> None:
    body = b'{"password":"12345678"}'
    assert keyed_body_sha256(KEY, body) == keyed_body_sha256(KEY, b'{ "password": "12345678" }')
    assert keyed_body_sha256(b"another", body) != keyed_body_sha256(KEY, body)
    assert body_sha256(body) != keyed_body_sha256(KEY, body)
