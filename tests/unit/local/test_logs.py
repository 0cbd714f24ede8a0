"""Logs do not grow without end."""

from pathlib import Path

from kmonitor.local.logs import rotate


def test_a_full_log_is_put_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    with (tmp_path / "kafka.log").open("ab", buffering=0) as writer:
        writer.write(b"old " * 100)
        rotate(tmp_path, largest=100)
        writer.write(b"new")
    assert (tmp_path / "kafka.log").read_bytes() == b"new"
    assert (tmp_path / "kafka.log.1").read_bytes() == b"old " * 100


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kafka.log").write_bytes(b"few words")
    rotate(tmp_path, largest=100)
    assert [entry.name for entry in tmp_path.iterdir()] == ["kafka.log"]
