"""The contracts of the topics, and how a wrong one is refused."""

from pathlib import Path

import pytest

from kmonitor.kafka import topics
from kmonitor.kafka.errors import TopicMismatch
from kmonitor.kafka.topics import read_topics

CONTRACTS = Path(__file__).parents[3] / "schemas" / "topics"
KEYED_BY_TERMINAL = {topics.TERMINAL_EVENTS, topics.TERMINAL_STATES, topics.OPEN_FAULTS, topics.FAULT_EVENTS}


def test_every_topic_of_the_code_has_a_contract_in_a_file_of_its_name() -> None:
    contracts = {topic.name for topic in read_topics(CONTRACTS)}
    assert contracts == {*KEYED_BY_TERMINAL, topics.OPERATIONS, topics.QUARANTINE}
    assert contracts == {file.stem for file in CONTRACTS.glob("*.yaml")}


def test_topics_keyed_by_terminal_have_one_partition_count() -> None:
    counts = {topic.partitions for topic in read_topics(CONTRACTS) if topic.name in KEYED_BY_TERMINAL}
    assert counts == {12}


def test_what_is_not_compacted_is_kept_for_ever() -> None:
    for topic in read_topics(CONTRACTS):
        if topic.config["cleanup.policy"] == "delete":
            assert topic.config["retention.ms"] == -1, topic.name


def test_three_copies_mean_that_two_must_confirm() -> None:
    topic = read_topics(CONTRACTS)[0]
    assert topic.settings(replication=3)["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in topic.settings(replication=1)


def test_a_folder_without_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TopicMismatch, match="KMONITOR_SCHEMAS"):
        read_topics(tmp_path)


@pytest.mark.parametrize(
    "text", ["name: [", "name: x\npartition: 12", "- 1"], ids=["no YAML", "a typing error", "a list"]
)
def test_a_file_that_is_no_contract_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(TopicMismatch, match=r"wrong\.yaml"):
        read_topics(tmp_path)
