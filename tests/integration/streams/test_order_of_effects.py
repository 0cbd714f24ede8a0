"""What a stream processor promises while nothing is broken but the fold and the records."""

import time

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from integration.streams.stream_run import PARTITIONS, Run, until


def test_states_and_publications_equal_an_independent_fold(run: Run) -> None:
    run.send_numbers(5000)
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    assert worker.stop() < 5


def test_a_restarted_worker_goes_on_where_it_stopped(run: Run) -> None:
    run.send_numbers(3000)
    run.ready_worker().stop()
    run.send_numbers(2000, start=3000)
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    worker.stop()
    assert len(run.read("out")) == len(run.published())  # nothing was done twice


def test_a_forgotten_key_stays_forgotten_after_a_restart(run: Run) -> None:
    run.send_numbers(200)
    run.send("k7", "forget")
    run.producer.flush(10)
    run.ready_worker().stop()
    run.send_numbers(61, start=200)
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    assert run.states()[b"k7"]["count"] == 1
    worker.stop()


def test_a_bug_stops_the_worker_before_anything_is_acknowledged(run: Run) -> None:
    run.send("k", "bug", partition=1)
    run.producer.flush(10)
    worker = run.worker()
    assert worker.process.wait(60) == 1
    assert run.acknowledged() == {}
    assert run.read("table") == []


def test_one_unreadable_record_is_skipped_and_many_in_a_row_stop_the_worker(run: Run) -> None:
    run.send_numbers(400)
    run.send("k1", "poison", partition=1)
    run.send_numbers(400, start=400)
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    before = run.acknowledged()
    for _ in range(200):
        run.send("k1", "poison", partition=1)
    run.producer.flush(10)
    assert worker.process.wait(60) == 1
    assert "TooMuchPoison" in worker.log.read_text()
    assert run.acknowledged()[1] <= before[1] + 1


def test_a_record_kept_in_memory_only_is_acknowledged_with_the_next_settled_one(run: Run) -> None:
    run.send("k", "1", partition=0)
    run.send("k", "later", partition=0)
    run.send("k1", "2", partition=1)
    run.producer.flush(10)
    worker = run.ready_worker()
    until(lambda: run.acknowledged() == {0: 1, 1: 1})
    run.send("k", "3", partition=0)
    run.until_acknowledged()
    assert run.acknowledged() == {0: 3, 1: 1}
    worker.stop()


def test_a_fold_that_blocks_longer_than_the_session_stays_in_the_group(run: Run) -> None:
    worker = run.ready_worker()
    began = time.monotonic()
    run.send("k", "sleep13", partition=0)
    run.send_numbers(100)
    run.until_acknowledged()
    assert time.monotonic() - began >= 13
    run.assert_exact()
    members = run.admin.describe_consumer_groups([run.name])[run.name].result().members
    assert [member.group_instance_id for member in members] == ["w0"]
    assert "rebalance" not in worker.log.read_text().lower()
    worker.stop()


def test_a_table_dropped_and_rebuilt_equals_the_live_one(run: Run) -> None:
    run.send_numbers(3000)
    run.send("k9", "forget")
    run.producer.flush(10)
    worker = run.ready_worker()
    run.until_acknowledged()
    live = run.states()
    worker.kill()
    table = f"{run.name}-table"
    run.admin.delete_topics([table])[table].result()
    until(lambda: table not in run.admin.list_topics(timeout=5).topics)
    # The member that was killed must be gone from the group before its offsets can be dropped.
    forget_offsets(run)
    run.make_topics()
    worker = run.ready_worker()
    run.until_acknowledged()
    run.assert_exact()
    assert run.states() == live
    worker.stop()


def forget_offsets(run: Run) -> None:
    start = [TopicPartition(f"{run.name}-source", number, 0) for number in range(PARTITIONS)]

    def dropped() -> bool:
        try:
            answer = run.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(run.name, start)])
            return all(tp.error is None for tp in answer[run.name].result().topic_partitions)
        except KafkaException:  # the group is not empty yet
            return False

    until(dropped)
