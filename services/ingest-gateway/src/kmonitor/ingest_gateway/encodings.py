"""Unpacks compressed bodies, and never more of them than may be held."""

import zlib
from collections.abc import Callable

import zstandard

from kmonitor.ingest_gateway.problems import Problem

BODY_AT_MOST = 1024 * 1024
UNPACKED_AT_MOST = 2 * 1024 * 1024
RATIO_AT_MOST = 200
RATIO_COUNTS_ABOVE = 256 * 1024
# RFC 8878 asks decoders for windows of 8 MiB, and allows to refuse larger ones.
ZSTD_WINDOW_AT_MOST = 8 * 1024 * 1024


def unpack(body: bytes, encoding: bytes) -> bytes:
    """The body as it was before it was compressed.

    Raises Problem: 415 for an encoding we do not know, 400 for bytes that are not in it, 413 for what
    unpacks to more than 2 MiB, or to more than 200 times its size.
    """
    decoder = _DECODERS.get(encoding.strip().lower())
    if decoder is None:
        raise Problem(415, "Content-Encoding may be gzip or zstd, or absent", field="Content-Encoding")
    at_most = min(UNPACKED_AT_MOST, max(RATIO_COUNTS_ABOVE, RATIO_AT_MOST * len(body)))
    unpacked = decoder(body, at_most)
    if len(unpacked) > at_most:
        raise Problem(
            413,
            f"the body unpacks to more than {at_most} bytes: at most {UNPACKED_AT_MOST} bytes,"
            f" and {RATIO_AT_MOST} times its compressed size, are taken",
        )
    return unpacked


def _plain(body: bytes, at_most: int) -> bytes:
    return body


def _gunzip(body: bytes, at_most: int) -> bytes:
    """All members of a gzip file, `at_most` + 1 bytes of them."""
    unpacked = bytearray()
    while body:
        member = zlib.decompressobj(wbits=31)
        try:
            unpacked += member.decompress(body, at_most + 1 - len(unpacked))
        except zlib.error as error:
            raise _not_in("gzip", str(error)) from error
        if len(unpacked) > at_most:
            break
        if not member.eof:
            raise _not_in("gzip", "it ends too early")
        body = member.unused_data
    return bytes(unpacked)


def _unzstd(body: bytes, at_most: int) -> bytes:
    """All frames of a zstd stream, `at_most` + 1 bytes of them."""
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_AT_MOST).stream_reader(
            body, read_across_frames=True
        )
        unpacked = reader.read(at_most + 1)
        if len(unpacked) <= at_most and not _is_whole_zstd(body):
            raise _not_in("zstd", "it ends too early")
    except zstandard.ZstdError as error:
        raise _not_in("zstd", str(error)) from error
    return unpacked


def _is_whole_zstd(body: bytes) -> bool:
    """Whether the last frame is complete, which the bounded reader does not say. Only for what is small."""
    while body:
        frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_AT_MOST).decompressobj()
        frame.decompress(body)
        if not frame.eof:
            return False
        body = frame.unused_data
    return True


def _not_in(encoding: str, why: str) -> Problem:
    return Problem(400, f"the body is not {encoding}: {why}")


_DECODERS: dict[bytes, Callable[[bytes, int], bytes]] = {
    b"": _plain,
    b"identity": _plain,
    b"gzip": _gunzip,
    b"x-gzip": _gunzip,
    b"zstd": _unzstd,
}
