"""A sink in a process of its own, which does one thing a line of its input: take, commit, wait."""

import json
import sys
import threading

from kmonitor.kafka.batches import BatchConsumer, Group


def main(bootstrap: str, topic: str, group: str, instance: str) -> None:
    consumer = BatchConsumer(
        bootstrap, [topic], Group(name=group, instance=instance, session_s=6), stop=threading.Event()
    )
    batch = None
    for line in sys.stdin:
        match line.strip():
            case "take":
                batch = consumer.take()
                said: object = [record.offset for record in batch.records] if batch else None
            case "commit":
                said = batch.commit() if batch else None
            case _:
                said = consumer.wait(1)
        print(json.dumps(said), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
