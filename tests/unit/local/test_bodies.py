"""Compression of the endpoint's bodies, and its forms."""

import pytest

from kmonitor.local.bodies import DECODERS, ENCODERS, UnreadableBody, choose_encoding, decode, form_fields

BODY = b"terminal 7 " * 1000


@pytest.mark.parametrize("encoding", list(ENCODERS))
def test_what_is_encoded_decodes_to_the_same(encoding: str) -> None:
    assert decode(ENCODERS[encoding](BODY), encoding) == BODY


@pytest.mark.parametrize("encoding", [*DECODERS, "br"])
def test_a_body_that_is_not_what_it_says_is_unreadable(encoding: str) -> None:
    with pytest.raises(UnreadableBody, match=encoding):
        decode(b"not compressed at all", encoding)


def test_the_cheapest_encoding_that_the_client_accepts_is_chosen() -> None:
    assert choose_encoding("gzip, deflate, lz4;q=0.5", len(BODY)) == "lz4"
    assert choose_encoding("gzip", len(BODY)) == "gzip"
    assert choose_encoding("br", len(BODY)) == ""


def test_small_answers_are_not_compressed() -> None:
    assert choose_encoding("lz4", 100) == ""


def test_a_form_carries_the_query_and_its_parameters() -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT {a:String}\r\n'
        b'--x\r\nContent-Disposition: form-data; name="param_a"\r\n\r\n\xd0\xb4\xd0\xb0\r\n--x--\r\n'
    )
    assert form_fields(form, "multipart/form-data; boundary=x") == {
        "query": "SELECT {a:String}",
        "param_a": "да",
    }


@pytest.mark.parametrize("encoding", list(ENCODERS))
def test_a_body_is_all_of_its_frames(encoding: str) -> None:
    """clickhouse-connect compresses each block of an insert by itself: the others must not vanish."""
    encode = ENCODERS[encoding]
    assert decode(encode(BODY) + encode(b"more"), encoding) == BODY + b"more"


@pytest.mark.parametrize("encoding", list(ENCODERS))
def test_a_body_that_breaks_off_is_refused(encoding: str) -> None:
    encode = ENCODERS[encoding]
    with pytest.raises(UnreadableBody):
        decode(encode(BODY) + encode(b"more")[:-5], encoding)
