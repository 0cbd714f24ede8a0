"""terminal-state: starts the fold of the log into the state of each terminal."""

import uvloop

from kmonitor.kafka.topics import TERMINAL_EVENTS, TERMINAL_STATES
from kmonitor.runtime.health import Health
from kmonitor.runtime.process import run_async
from kmonitor.runtime.settings import ServiceSettings, load
from kmonitor.streams import Stream, run_stream
from kmonitor.terminal_state.fold import TerminalStates

NAME = "terminal-state"


async def main() -> None:
    settings = load(ServiceSettings)
    stream = Stream(name=NAME, source_topic=TERMINAL_EVENTS, table_topic=TERMINAL_STATES)
    await run_stream(settings, stream, TerminalStates(), Health())


if __name__ == "__main__":
    run_async(NAME, main, uvloop.new_event_loop)
