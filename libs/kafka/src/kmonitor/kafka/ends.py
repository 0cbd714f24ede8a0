"""Asks the broker where topics begin and end."""

from collections.abc import Iterable

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaException, TopicPartition

from kmonitor.kafka.client import Link, configuration
from kmonitor.kafka.errors import BrokerAway

Place = tuple[str, int]
"""A topic and a partition of it."""

ANSWER_S = 5.0
"""How long one question may take."""


class Ends:
    """A connection for questions only: one that also reads answers late, behind its own long fetches."""

    def __init__(self, bootstrap: str, *, client_id: str, link: Link) -> None:
        self._link = link
        # The client demands a group's name; none is ever joined.
        self._consumer = Consumer(
            configuration(bootstrap, client_id, link) | {"group.id": f"{client_id}-no-group"}
        )

    def places(self, topics: Iterable[str], seconds: float = ANSWER_S) -> list[Place]:
        """Every partition of the topics. Raises BrokerAway, also when a topic is not there yet."""
        places: list[Place] = []
        for name in topics:
            try:
                topic = self._consumer.list_topics(name, timeout=seconds).topics[name]
            except KafkaException as error:
                raise BrokerAway(f"Kafka does not answer: {error.args[0].str()}") from error
            if topic.error is not None:
                raise BrokerAway(f"Topic {name} is not there yet: {topic.error.str()}")
            places += [(name, partition) for partition in sorted(topic.partitions)]
        return places

    def ends(self, places: Iterable[Place], seconds: float = ANSWER_S) -> dict[Place, int]:
        """The present end of each place: the offset that its next record will have. Raises BrokerAway."""
        return self._offsets(places, OFFSET_END, seconds)

    def beginnings(self, places: Iterable[Place], seconds: float = ANSWER_S) -> dict[Place, int]:
        """The offset of the first record that is still kept in each place. Raises BrokerAway."""
        return self._offsets(places, OFFSET_BEGINNING, seconds)

    def probe(self) -> None:
        """Nothing is heard: because there is nothing, or because the broker is away? Asks it."""
        try:
            self._consumer.list_topics(timeout=1)
        except KafkaException:
            return
        self._link.is_back()

    def close(self) -> None:
        """Ends the connection; nobody may be asking."""
        self._consumer.close()

    def _offsets(self, places: Iterable[Place], bound: int, seconds: float) -> dict[Place, int]:
        asked = [TopicPartition(topic, partition, bound) for topic, partition in places]
        try:
            answers = self._consumer.offsets_for_times(asked, timeout=seconds)
        except KafkaException as error:
            raise BrokerAway(f"Kafka does not say how far its topics reach: {error.args[0].str()}") from error
        for answer in answers:
            if answer.error is not None:
                raise BrokerAway(f"How far {answer.topic} reaches is not known: {answer.error.str()}")
        self._link.is_back()
        return {(answer.topic, answer.partition): answer.offset for answer in answers}
