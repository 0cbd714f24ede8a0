"""A report as it is posted: the body of this attempt, and how it is compressed."""

import gzip
from datetime import datetime
from typing import Literal

import msgspec
import zstandard

from kmonitor.terminal_agent.spool import Batch

Compression = Literal["zstd", "gzip", "none"]
ZSTD_LEVEL, GZIP_LEVEL = 3, 6


def report(terminal: str, batch: Batch, sent_at: datetime) -> bytes:
    """`sent_at` is the clock at this attempt; all else is the same at every attempt."""
    head = b'{"terminal":%b,"epoch":%d,"sent_at":"%b","queued":%d,"events":[%b]}'
    name = msgspec.json.encode(terminal)
    time = sent_at.isoformat(timespec="milliseconds").encode()
    return head % (name, batch.epoch, time, batch.queued, b",".join(each.raw for each in batch.events))


def compress(body: bytes, compression: Compression) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers that say what it is."""
    said = {"Content-Type": "application/json"}
    match compression:
        case "zstd":
            return zstandard.ZstdCompressor(ZSTD_LEVEL).compress(body), said | {"Content-Encoding": "zstd"}
        case "gzip":
            return gzip.compress(body, GZIP_LEVEL), said | {"Content-Encoding": "gzip"}
        case "none":
            return body, said
