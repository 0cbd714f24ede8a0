"""Names derive from their cause and from nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.identities import body_sha256, operation_id, terminal_secret

KEY = b"k" * 32


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_two_causes_never_share_a_name(author: str, key: str, other_author: str, other_key: str) -> None:
    same = (author, key) == (other_author, other_key)
    assert (operation_id(author, key) == operation_id(other_author, other_key)) == same


@given(st.text(max_size=20))
def test_a_terminals_key_is_the_same_each_time_and_no_card(operation: str) -> None:
    issued = terminal_secret(KEY, operation)
    assert issued == terminal_secret(KEY, operation)
    assert issued.secret not in str(issued.stored)
    assert CardMask(KEY).mask(issued.spoken.encode()) == (issued.spoken.encode(), 0)
    assert terminal_secret(b"another", operation) != issued


def test_a_body_is_the_same_however_it_is_spelled() -> None:
    assert body_sha256(b'{"a":1,"b":[2]}') == body_sha256(b'{ "b" : [2], "a": 1 }')
    assert body_sha256(b'{"a":1}') != body_sha256(b'{"a":2}')
