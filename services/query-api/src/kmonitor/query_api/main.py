"""Reads, the live stream and the page: composition root."""

import asyncio
from datetime import UTC, datetime

import uvloop

from kmonitor.query_api.access import Access
from kmonitor.query_api.app import create_app
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.figures import FiguresReader
from kmonitor.query_api.follow import follow
from kmonitor.query_api.live.ticker import SummaryTicker
from kmonitor.query_api.now import Now
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.serve import serve
from kmonitor.query_api.settings import Settings
from kmonitor.runtime.fault_dictionary import read_fault_dictionary
from kmonitor.runtime.health import Health
from kmonitor.runtime.process import run_async
from kmonitor.runtime.settings import load

READING = "reading what is there"


def clock() -> datetime:
    return datetime.now(UTC)


async def main() -> None:
    settings = load(Settings)
    health = Health(READING)
    dictionary = read_fault_dictionary(settings.schemas)
    now = Now(clock, dictionary)
    archive = Archive(settings.clickhouse)
    figures = FiguresReader(archive, clock)
    readers = Readers(now, archive, figures, dictionary)
    ticker = SummaryTicker(now, figures)
    app = create_app(readers, Access(settings.admin_token_sha256, settings.secret), ticker, health)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(
                follow(now, settings.kafka, settings.instance, lambda: health.report(READING, None))
            )
            group.create_task(ticker.run())
            group.create_task(serve(app, settings.http_host, settings.http_port, now))
    finally:
        archive.close()


if __name__ == "__main__":
    run_async("query-api", main, uvloop.new_event_loop)
