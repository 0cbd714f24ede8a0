"""Makes the topics or the tables of a stack: python -m kmonitor.local.prepare topics|tables ADDRESS SCHEMAS.

A process of its own, so that the supervisor stays small and can end it.
"""

import sys
from pathlib import Path


def main() -> None:
    what, address, schemas = sys.argv[1:]
    if what == "topics":
        from kmonitor.kafka.topics import ensure_topics

        ensure_topics(address, Path(schemas) / "topics")
    else:
        from kmonitor.clickhouse.migrations import migrate

        migrate(address, Path(schemas) / "clickhouse")


if __name__ == "__main__":
    main()
