"""Reads, the live stream and the page: composition root."""

import asyncio
from datetime import UTC, datetime

import uvloop

from kmonitor.domain.office.sessions import Seal
from kmonitor.domain.office.signers import Recognition
from kmonitor.kafka.producer import DurableProducer
from kmonitor.query_api.access import Access
from kmonitor.query_api.app import create_app
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.figures import FiguresReaders
from kmonitor.query_api.follow import follow
from kmonitor.query_api.live.ticker import SummaryTicker
from kmonitor.query_api.now import Now
from kmonitor.query_api.passwords import Passwords
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.serve import serve
from kmonitor.query_api.settings import Settings
from kmonitor.query_api.sign_outs import SignOuts
from kmonitor.query_api.throttle import Throttle
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
    figures = FiguresReaders(archive, clock, now.fleet)
    readers = Readers(now, archive, figures, dictionary)
    ticker = SummaryTicker(now, figures)
    try:
        async with (
            DurableProducer(settings.kafka, client_id=f"{settings.instance}-sign-outs") as producer,
            asyncio.TaskGroup() as group,
        ):
            app = create_app(readers, _access(settings, now, producer), ticker, health)
            group.create_task(
                follow(now, settings.kafka, settings.instance, lambda: health.report(READING, None))
            )
            group.create_task(ticker.run())
            group.create_task(serve(app, settings.http_host, settings.http_port, now))
    finally:
        archive.close()


def _access(settings: Settings, now: Now, producer: DurableProducer) -> Access:
    return Access(
        now=now,
        recognition=Recognition(Seal(settings.secret), settings.admin_token_sha256),
        sign_outs=SignOuts(producer, clock),
        passwords=Passwords(),
        throttle=Throttle(),
        clock=clock,
    )


if __name__ == "__main__":
    run_async("query-api", main, uvloop.new_event_loop)
