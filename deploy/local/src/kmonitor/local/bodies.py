"""The bodies of requests and answers: compression, and forms."""

import gzip
import zlib
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import lz4.frame  # type: ignore[import-untyped]
import zstandard

SMALLEST_WORTH_COMPRESSING = 1024


class UnreadableBody(Exception):
    """The body is not what its headers say."""


def _unzstd(data: bytes) -> bytes:
    return _all_frames(data, zstandard.ZstdDecompressor().decompressobj)


def _unlz4(data: bytes) -> bytes:
    return _all_frames(data, lz4.frame.LZ4FrameDecompressor)


def _all_frames(data: bytes, decompressor: Callable[[], Any]) -> bytes:
    """A client compresses each block of rows as a frame of its own: the body ends with the last of them."""
    parts = []
    while data:
        frame = decompressor()
        parts.append(frame.decompress(data))
        if not frame.eof:
            raise EOFError("it breaks off within a frame")
        data = frame.unused_data or b""
    return b"".join(parts)


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": _unzstd,
    "lz4": _unlz4,
}

# The cheapest first: the answer crosses loopback only.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": zstandard.ZstdCompressor(level=1).compress,
    "gzip": lambda data: gzip.compress(data, compresslevel=1),
}


def decode(body: bytes, encoding: str) -> bytes:
    """The body as it was before its Content-Encoding."""
    if encoding in ("", "identity"):
        return body
    if encoding not in DECODERS:
        raise UnreadableBody(f"unknown Content-Encoding {encoding}: use one of {', '.join(DECODERS)}")
    try:
        return DECODERS[encoding](body)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, RuntimeError) as error:
        raise UnreadableBody(f"the body is not {encoding}: {error}") from error


def choose_encoding(accepted: str, size: int) -> str:
    """One of the encodings the client accepts, or none where it would not pay."""
    if size < SMALLEST_WORTH_COMPRESSING:
        return ""
    offered = {part.partition(";")[0].strip() for part in accepted.split(",")}
    return next((encoding for encoding in ENCODERS if encoding in offered), "")


def form_fields(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a multipart form: a client sends long parameters that way."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(payload, bytes):
            raise UnreadableBody("the form has a part without a name")
        fields[name] = payload.decode()
    return fields
