"""The folder of a stack: whose it is, and what it keeps."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kmonitor.local import data_folder
from kmonitor.local.data_folder import claim, is_disk_nearly_full, keep_secrets, write_private
from kmonitor.local.errors import CannotStart


@contextmanager
def claimed(folder: Path, *, fresh: bool = False) -> Iterator[None]:
    lock = claim(folder, fresh=fresh)
    try:
        yield
    finally:
        os.close(lock)


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    with claimed(tmp_path / "new" / "stack"):
        assert (tmp_path / "new" / "stack" / data_folder.MARKER).exists()


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(CannotStart, match="--data"):
        claim(tmp_path, fresh=fresh)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_fresh_empties_a_stacks_folder(tmp_path: Path) -> None:
    with claimed(tmp_path):
        (tmp_path / "kafka" / "data").mkdir(parents=True)
        (tmp_path / "secrets.json").write_text("{}")
    with claimed(tmp_path, fresh=True):
        assert {entry.name for entry in tmp_path.iterdir()} == {data_folder.MARKER, data_folder.LOCK}


def test_fresh_does_not_follow_a_link_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("ten years of work")
    with claimed(tmp_path / "stack"):
        (tmp_path / "stack" / "link").symlink_to(outside)
    with claimed(tmp_path / "stack", fresh=True):
        assert (outside / "thesis.txt").exists()


def test_without_fresh_the_data_stay_and_an_old_description_goes(tmp_path: Path) -> None:
    with claimed(tmp_path):
        (tmp_path / "kafka").mkdir()
        (tmp_path / data_folder.DESCRIPTION).write_text("{}")
    with claimed(tmp_path):
        assert (tmp_path / "kafka").exists()
        assert not (tmp_path / data_folder.DESCRIPTION).exists()


def test_two_stacks_cannot_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "LOCK_PATIENCE_S", 0.1)
    with claimed(tmp_path), pytest.raises(CannotStart, match="runs in"):
        claim(tmp_path, fresh=True)


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    made = keep_secrets(tmp_path)
    assert keep_secrets(tmp_path) == made
    assert len(bytes.fromhex(made.secret)) == 32
    assert (tmp_path / data_folder.SECRETS).stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    write_private(file, {"pids": {"kafka": 1}})
    with file.open() as opened_before:
        write_private(file, {"pids": {"kafka": 2}})
        assert json.load(opened_before) == {"pids": {"kafka": 1}}
    assert json.loads(file.read_text()) == {"pids": {"kafka": 2}}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["stack.json"]


def test_a_disk_is_nearly_full_when_less_is_free_than_asked_for(tmp_path: Path) -> None:
    assert is_disk_nearly_full(tmp_path, least=2**62)
    assert not is_disk_nearly_full(tmp_path, least=1)
