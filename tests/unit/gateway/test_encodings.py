"""What is unpacked is what was packed, and never more than may be held."""

import gzip
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.ingest_gateway.encodings import RATIO_COUNTS_ABOVE, UNPACKED_AT_MOST, unpack
from kmonitor.ingest_gateway.problems import Problem

PACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": gzip.compress,
    b"zstd": zstandard.ZstdCompressor().compress,
    b"identity": bytes,
    b"": bytes,
}
PACKED = (b"gzip", b"zstd")


def status(body: bytes, encoding: bytes) -> int:
    with pytest.raises(Problem) as refused:
        unpack(body, encoding)
    return refused.value.status


@given(st.binary(max_size=5000), st.sampled_from(sorted(PACK)))
def test_a_body_comes_out_as_it_went_in(body: bytes, encoding: bytes) -> None:
    assert unpack(PACK[encoding](body), encoding) == body


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=5), st.sampled_from(PACKED))
def test_several_members_are_one_body(parts: list[bytes], encoding: bytes) -> None:
    assert unpack(b"".join(map(PACK[encoding], parts)), encoding) == b"".join(parts)


@given(st.binary(min_size=1, max_size=1000), st.sampled_from(PACKED), st.data())
def test_a_body_cut_short_is_400(body: bytes, encoding: bytes, data: st.DataObject) -> None:
    packed = PACK[encoding](body)
    assert status(packed[: data.draw(st.integers(1, len(packed) - 1))], encoding) == 400


@given(st.binary(min_size=1, max_size=300), st.sampled_from(PACKED))
def test_random_bytes_are_400(body: bytes, encoding: bytes) -> None:
    try:
        unpack(body, encoding)
    except Problem as problem:
        assert problem.status == 400


@pytest.mark.parametrize("encoding", PACKED)
def test_just_what_may_be_is_taken_and_one_byte_more_is_413(encoding: bytes) -> None:
    # Noise that does not shrink: a higher ratio would be refused for itself.
    exact = Random(1).randbytes(UNPACKED_AT_MOST // 8) * 8
    assert unpack(PACK[encoding](exact), encoding) == exact
    assert status(PACK[encoding](exact + b"x"), encoding) == 413


@pytest.mark.parametrize("encoding", PACKED)
def test_a_high_ratio_is_fine_for_little_and_413_above(encoding: bytes) -> None:
    assert len(unpack(PACK[encoding](b" " * RATIO_COUNTS_ABOVE), encoding)) == RATIO_COUNTS_ABOVE
    assert status(PACK[encoding](b" " * (RATIO_COUNTS_ABOVE + 1)), encoding) == 413


@pytest.mark.parametrize("encoding", PACKED)
def test_a_bomb_is_never_inflated(encoding: bytes) -> None:
    bomb = PACK[encoding](b" " * 100_000_000)
    tracemalloc.start()
    try:
        assert status(bomb, encoding) == 413
        assert tracemalloc.get_traced_memory()[1] < 3 * UNPACKED_AT_MOST
    finally:
        tracemalloc.stop()


def test_a_frame_that_wants_too_large_a_window_is_400() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert status(packer.compress(b"x" * 100) + packer.flush(), b"zstd") == 400


def test_another_encoding_is_415() -> None:
    assert status(b"x", b"br") == 415
