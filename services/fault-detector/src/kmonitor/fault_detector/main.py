"""fault-detector: starts the fold of the log into faults, beside the registry it judges by."""

import asyncio

import uvloop

from kmonitor.fault_detector.fold import FaultDetector
from kmonitor.fault_detector.operations import Operations
from kmonitor.kafka.topics import OPEN_FAULTS, TERMINAL_EVENTS
from kmonitor.runtime.fault_dictionary import read_fault_dictionary
from kmonitor.runtime.health import Health
from kmonitor.runtime.process import run_async
from kmonitor.runtime.settings import ServiceSettings, load
from kmonitor.streams import Stream, run_stream

NAME = "fault-detector"


async def main() -> None:
    settings = load(ServiceSettings)
    dictionary = read_fault_dictionary(settings.schemas)
    operations = Operations(settings.kafka, client_id=settings.instance)
    stream = Stream(name=NAME, source_topic=TERMINAL_EVENTS, table_topic=OPEN_FAULTS)
    fold = FaultDetector(dictionary, operations.registry, operations.known)
    async with asyncio.TaskGroup() as group:
        group.create_task(operations.follower.run())
        group.create_task(run_stream(settings, stream, fold, Health()))


if __name__ == "__main__":
    run_async(NAME, main, uvloop.new_event_loop)
