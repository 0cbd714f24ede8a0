"""Topics come to exist as their contracts say, or are refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kmonitor.kafka.errors import BrokerAway, TopicMismatch
from kmonitor.kafka.topics import ensure_topics
from kmonitor.local.kafka import Broker
from kmonitor.local.ports import free_ports

CONTRACTS = Path(__file__).parents[3] / "schemas" / "topics"


def contract_of(folder: Path) -> Path:
    (file,) = folder.glob("*/topic.yaml")
    return file


def test_all_the_topics_are_made_by_many_processes_at_once_and_again(broker: Broker) -> None:
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(ensure_topics, broker.bootstrap, CONTRACTS) for _ in range(4)]:
            made.result()
    ensure_topics(broker.bootstrap, CONTRACTS)


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ("partitions: 3", "partitions: 4", r"has 3 partitions and its contract says 4"),
        ("cleanup.policy: delete", "cleanup.policy: compact", r"has cleanup\.policy=delete"),
        ("retention.ms: -1", "retention.ms: 1000", r"has retention\.ms=-1"),
    ],
)
def test_a_topic_that_is_not_as_its_contract_says_is_refused(
    broker: Broker, make_topic: Callable[..., str], tmp_path: Path, said: str, instead: str, complaint: str
) -> None:
    make_topic(partitions=3)
    contract = contract_of(tmp_path)
    contract.write_text(contract.read_text().replace(said, instead))
    with pytest.raises(TopicMismatch, match=complaint):
        ensure_topics(broker.bootstrap, contract.parent)


def test_a_broker_that_is_not_there_is_said_to_be_away() -> None:
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(BrokerAway, match="does not answer"):
        ensure_topics(nobody, CONTRACTS, timeout_s=1)
