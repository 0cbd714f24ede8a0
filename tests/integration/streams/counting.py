"""A worker for tests: counts the records of each key, and publishes every tenth."""

import json
import sys
import time

import uvloop

from kmonitor.runtime.health import Health
from kmonitor.runtime.process import run_async
from kmonitor.runtime.settings import ServiceSettings, load
from kmonitor.streams import Effects, Message, Publication, Recall, Stream, UnreadableRecord, run_stream


class Counting:
    """State of a key: how many records, the sum of their numbers, and the offset it includes."""

    def __init__(self, published: str) -> None:
        self._published = published
        self._known: dict[bytes, dict[str, int]] = {}

    def apply(self, message: Message, recall: Recall) -> Effects:
        if message.value == b"poison":
            raise UnreadableRecord("poison")
        if message.value == b"bug":
            raise ZeroDivisionError("a bug")
        if message.value.startswith(b"sleep"):
            time.sleep(float(message.value[5:]))
            return Effects()
        if message.value == b"later":
            return Effects(settled=False)
        key = message.key or b""
        if message.value == b"forget":
            self._known.pop(key, None)
            return Effects(remember={key: None})
        state = self._known.get(key) or json.loads(recall(key) or b"null") or _new()
        self._known[key] = state
        if message.offset <= state["offset"]:
            return Effects()
        state["count"] += 1
        state["sum"] += int(message.value)
        state["offset"] = message.offset
        publish = []
        if state["count"] % 10 == 0:
            identity = f"{key.decode()}/{state['count']}".encode()
            publish.append(Publication(self._published, key, identity, [("sum", str(state["sum"]).encode())]))
        return Effects(publish, {key: json.dumps(state).encode()})

    def forget(self) -> None:
        self._known.clear()


def _new() -> dict[str, int]:
    return {"count": 0, "sum": 0, "offset": -1}


def main() -> None:
    """Folds the topics named by the argument: <name>-source into <name>-table, and <name>-out."""
    name = sys.argv[1]

    async def serve() -> None:
        stream = Stream(name=name, source_topic=f"{name}-source", table_topic=f"{name}-table")
        await run_stream(load(ServiceSettings), stream, Counting(f"{name}-out"), Health("stream"))

    run_async(name, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    main()
