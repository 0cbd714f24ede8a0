"""Makes the topics or the tables of a stack: python -m kmonitor.local.prepare topics|tables ADDRESS SCHEMAS.

With `anew` as a last word what is derived is forgotten first, for the services to build it again from the log.

A process of its own, so that the supervisor stays small and can end it.
"""

import sys
from pathlib import Path

from kmonitor.local.child import WRONG_SETTING
from kmonitor.local.errors import CannotStart


def main() -> None:
    what, address, schemas, *anew = sys.argv[1:]
    make = {"topics": make_topics, "tables": make_tables}[what]
    try:
        make(address, Path(schemas), anew=bool(anew))
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_SETTING)


def make_topics(bootstrap: str, schemas: Path, *, anew: bool) -> None:
    # Each imports what it needs alone: both run at once, and the person waits for them.
    from kmonitor.kafka.derived import forget_derived
    from kmonitor.kafka.errors import TopicMismatch
    from kmonitor.kafka.topics import ensure_topics

    try:
        if anew:
            forget_derived(bootstrap, schemas / "topics")
        ensure_topics(bootstrap, schemas / "topics")
    except TopicMismatch as error:
        raise CannotStart(str(error)) from error


def make_tables(url: str, schemas: Path, *, anew: bool) -> None:
    from kmonitor.clickhouse.migrations import MigrationRefused, forget, migrate

    try:
        if anew:
            forget(url)
        migrate(url, schemas / "clickhouse")
    except MigrationRefused as error:
        raise CannotStart(str(error)) from error


if __name__ == "__main__":
    main()
