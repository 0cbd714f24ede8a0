"""Forgets what is derived, so that it is built again from the log."""

import time
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from kmonitor.kafka.client import Link, configuration, silence
from kmonitor.kafka.errors import KafkaTrouble
from kmonitor.kafka.topics import read_topics

REQUEST_S = 30
# A member that stopped or was killed is missed after its session, and only then is its group empty.
EMPTY_AFTER_S = 60
RETRY_S = 0.5
GONE_ALREADY = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.GROUP_ID_NOT_FOUND})


def forget_derived(bootstrap: str, folder: Path) -> None:
    """Deletes the derived topics, and how far each service has read: they begin again at the first record.

    The services must have stopped; members of theirs that nobody saw leave are waited for. May be killed and
    repeated. Raises KafkaTrouble.
    """
    topics = read_topics(folder)
    admin = AdminClient(configuration(bootstrap, "kmonitor-forget", Link(bootstrap, silence)))
    deadline = time.monotonic() + EMPTY_AFTER_S
    # A service reads as the group of its own name.
    services = sorted({service for topic in topics for service in topic.read_by})
    while not _gone(admin.delete_consumer_groups(services, request_timeout=REQUEST_S).items(), deadline):
        time.sleep(RETRY_S)
    derived = [topic.name for topic in topics if topic.derived]
    _gone(admin.delete_topics(derived, operation_timeout=REQUEST_S).items(), deadline)


def _gone(asked: "Iterable[tuple[str, Future[Any]]]", deadline: float) -> bool:
    """Whether all of them are; False while a group still has members. Raises KafkaTrouble."""
    for name, answer in asked:
        try:
            answer.result()
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.NON_EMPTY_GROUP and time.monotonic() < deadline:
                return False
            if code not in GONE_ALREADY:
                raise KafkaTrouble(f"Kafka did not forget {name}: {error.args[0].str()}") from error
    return True
