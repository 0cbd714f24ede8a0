"""The topics: their names, their contracts in schemas/topics, and how they come to exist."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from kmonitor.kafka.client import Link, configuration, silence
from kmonitor.kafka.errors import BrokerAway, KafkaTrouble, TopicMismatch

TERMINAL_EVENTS = "kmonitor.terminal-events.v1"
OPERATIONS = "kmonitor.operations.v1"
TERMINAL_STATES = "kmonitor.terminal-states.v1"
OPEN_FAULTS = "kmonitor.open-faults.v1"
FAULT_EVENTS = "kmonitor.fault-events.v1"
QUARANTINE = "kmonitor.quarantine.v1"

KEPT_BY = ("cleanup.policy", "retention.ms")
"""Settings that decide whether a record stays: never left to chance on the topics that are the truth."""


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contract of one topic."""

    name: str
    about: str
    key: str
    value: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    partitions: int
    config: dict[str, str | int | float]
    derived: bool = False
    """Whether it can be forgotten and built again from the others."""

    def settings(self, replication: int) -> dict[str, str]:
        """The topic's settings as Kafka takes them; three copies mean that two must confirm."""
        settings = {name: str(value) for name, value in self.config.items()}
        if replication > 2:
            settings["min.insync.replicas"] = "2"
        return settings


def read_topics(folder: Path) -> tuple[Topic, ...]:
    """The contracts of a folder (`*.yaml`, one topic each), by name."""
    topics = tuple(_read(file) for file in sorted(folder.glob("*.yaml")))
    if not topics:
        raise TopicMismatch(
            f"{folder} holds no topic contracts (*.yaml): point KMONITOR_SCHEMAS to `schemas/`."
        )
    return topics


def ensure_topics(bootstrap: str, folder: Path, *, replication: int = 1, timeout_s: float = 60) -> None:
    """Creates the topics that are missing and returns when all of them can be written and read.

    Any number of processes may do it at the same time. Raises TopicMismatch when a topic exists with another
    number of partitions, or would not keep its records as its contract says; BrokerAway after `timeout_s`.
    """
    topics = read_topics(folder)
    link = Link(bootstrap, silence)
    admin = AdminClient(configuration(bootstrap, "kmonitor-topics", link))
    deadline = time.monotonic() + timeout_s
    _create(admin, topics, replication, deadline)
    for usable in _usable(admin, topics, deadline):
        if usable:
            break
        if time.monotonic() > deadline:
            raise BrokerAway(
                f"The topics at {bootstrap} are not usable after {timeout_s:.0f} s: {link.trouble}"
            )
        admin.poll(0.1)
    _compare_settings(admin, topics, deadline)


def _read(file: Path) -> Topic:
    try:
        return msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Topic)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise TopicMismatch(f"{file.name} is no topic contract: {error}") from error


def _partitions(admin: AdminClient, deadline: float) -> dict[str, list[bool]]:
    """For each topic there is, whether each of its partitions has a leader."""
    while True:
        try:
            found = admin.list_topics(timeout=min(5.0, max(0.5, deadline - time.monotonic()))).topics
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise BrokerAway(f"Kafka does not answer: {error.args[0].str()}") from error
            continue
        return {
            name: [partition.leader >= 0 for partition in topic.partitions.values()]
            for name, topic in found.items()
            if topic.error is None
        }


def _create(admin: AdminClient, topics: tuple[Topic, ...], replication: int, deadline: float) -> None:
    there = _partitions(admin, deadline)
    missing = [
        NewTopic(topic.name, topic.partitions, replication, config=topic.settings(replication))
        for topic in topics
        if topic.name not in there
    ]
    if not missing:
        return
    for name, created in admin.create_topics(missing, operation_timeout=30, request_timeout=30).items():
        try:
            created.result()
        except KafkaException as error:
            # Another process was faster: what it made is compared like any other.
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise KafkaTrouble(f"Kafka did not create the topic {name}: {error.args[0].str()}") from error


def _usable(admin: AdminClient, topics: tuple[Topic, ...], deadline: float) -> Iterator[bool]:
    while True:
        there = _partitions(admin, deadline)
        for topic in topics:
            found = len(there.get(topic.name, ()))
            if found not in (0, topic.partitions):
                raise TopicMismatch(
                    f"Topic {topic.name} has {found} partitions and its contract says {topic.partitions}: "
                    "a terminal would change places. Copy it into a topic with the right number, "
                    "or mend the contract."
                )
        yield all(topic.name in there and all(there[topic.name]) for topic in topics)


def _compare_settings(admin: AdminClient, topics: tuple[Topic, ...], deadline: float) -> None:
    resources = [ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics]
    timeout_s = max(1.0, deadline - time.monotonic())
    answers = admin.describe_configs(resources, request_timeout=timeout_s)
    try:
        present = {resource.name: answer.result() for resource, answer in answers.items()}
    except KafkaException as error:
        raise BrokerAway(f"Kafka did not say how its topics are set: {error.args[0].str()}") from error
    for topic in topics:
        for setting in KEPT_BY:
            said, found = topic.config.get(setting), present[topic.name][setting].value
            if said is not None and str(said) != found:
                raise TopicMismatch(
                    f"Topic {topic.name} has {setting}={found} and its contract says {said}: records would "
                    "not be kept as they must be. Set it with kafka-configs, or mend the contract."
                )
