"""YAML as plain data, with the line on which each part of it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kmonitor.runtime.errors import CannotStart

Place = tuple[Any, ...]
"""The keys and indexes that lead to a part, from the top."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TOP: Place = ()


@dataclass(frozen=True)
class YamlFile:
    """Lists, dicts and scalars, and the line of each, counted from 1."""

    content: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a part; of one that is missing, the line of what it is missing from."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def read_yaml(path: Path) -> YamlFile:
    """Raises `CannotStart` with the line of what is no YAML, or of a key that stands twice in one mapping."""
    lines = {TOP: 1}
    try:
        loader = LOADER(path.read_text("utf-8"))
        node = loader.get_single_node()
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotStart(f"{path} line {line} is not YAML, mend it: {error.problem}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} is not YAML, mend it: {error}.") from error
    for place, line in _parts(loader, node, TOP) if node is not None else ():
        if place in lines and place != TOP:
            raise CannotStart(f"{path} line {line}: the key {place[-1]!r} stands twice, mend it.")
        lines[place] = line
    return YamlFile(content, lines)


def _parts(loader: Any, node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                inner = (*place, loader.construct_object(key, deep=True))
                yield inner, key.start_mark.line + 1
                yield from _parts(loader, value, inner)
        case yaml.SequenceNode():
            for index, value in enumerate(node.value):
                yield (*place, index), value.start_mark.line + 1
                yield from _parts(loader, value, (*place, index))
