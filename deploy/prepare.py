"""Makes the topics and the tables that a release needs, then ends: 0 done, 1 try again, 2 a person must act.

It lies in every image, and runs in one whose service knows both Kafka and ClickHouse. It may be killed and
repeated anywhere. (In kmonitor.cli it would need an image with the whole engine that `kmonitor up` starts.)
"""

import sys

from kmonitor.clickhouse.errors import NotNow, Refused
from kmonitor.clickhouse.migrations import MigrationRefused, migrate
from kmonitor.kafka.errors import KafkaTrouble, TopicMismatch
from kmonitor.kafka.topics import ensure_topics
from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.logs import configure_logs, get_logger
from kmonitor.runtime.settings import ClickHouseUrl, ServiceSettings, load

DONE, TRY_AGAIN, A_PERSON_MUST_ACT = 0, 1, 2


class Settings(ServiceSettings):
    clickhouse: ClickHouseUrl


def main() -> int:
    try:
        prepare(load(Settings))
    except (CannotStart, TopicMismatch, MigrationRefused) as error:
        sys.stderr.write(f"{error}\n")
        return A_PERSON_MUST_ACT
    except (KafkaTrouble, NotNow, Refused) as error:
        sys.stderr.write(f"Kafka or ClickHouse does not take it now: {error}\n")
        return TRY_AGAIN
    return DONE


def prepare(settings: Settings) -> None:
    """Topics first: they are the truth, and tables are derived from them."""
    configure_logs("prepare", settings.log_level)
    log = get_logger("prepare")
    ensure_topics(settings.kafka, settings.schemas / "topics", replication=settings.replication)
    log.info("the topics are as their contracts say")
    applied = migrate(settings.clickhouse, settings.schemas / "clickhouse")
    log.info("the tables are up to date", applied=applied)


if __name__ == "__main__":
    sys.exit(main())
