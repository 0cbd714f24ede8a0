"""YAML is read as plain data, and each part of it knows its line."""

from pathlib import Path

import pytest

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.yaml_file import YamlFile, read_yaml

TEXT = """\
# a comment
name: table
items:
  - {a: 1, b: 2}
  - a: 3

    b: [4,
        5]
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def read(tmp_path: Path) -> YamlFile:
    return read_yaml(file(tmp_path, TEXT))


def test_it_comes_as_plain_data(read: YamlFile) -> None:
    assert read.content == {"name": "table", "items": [{"a": 1, "b": 2}, {"a": 3, "b": [4, 5]}]}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("name",), 2),
        (("items",), 3),
        (("items", 0), 4),
        (("items", 0, "b"), 4),
        (("items", 1), 5),
        (("items", 1, "b"), 7),
        (("items", 1, "b", 1), 8),
    ],
)
def test_each_part_has_its_line(read: YamlFile, place: tuple[str | int, ...], line: int) -> None:
    assert read.line(place) == line


def test_what_is_missing_has_the_line_of_what_it_is_missing_from(read: YamlFile) -> None:
    assert read.line(("items", 1, "c")) == 5
    assert read.line(("colour", "dark")) == 1


def test_an_empty_file_is_nothing_at_its_first_line(tmp_path: Path) -> None:
    read = read_yaml(file(tmp_path, "# nothing\n"))
    assert (read.content, read.line(("conditions",))) == (None, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [", r"some\.yaml line \d is not YAML"),
        ("a: 1\nb: {c: 1}\na: 2\n", r"some\.yaml line 3: the key 'a' stands twice"),
        ("a:\n  '43': {c: 1}\n  \"43\": {c: 2}\n", r"some\.yaml line 3: the key '43' stands twice"),
        ("a: !!python/name:os.system\n", r"some\.yaml line 1 is not YAML"),
        ("a: \x07\n", r"some\.yaml is not YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CannotStart, match=said):
        read_yaml(file(tmp_path, text))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CannotStart, match=r"some\.yaml is not YAML"):
        read_yaml(tmp_path / "some.yaml")
