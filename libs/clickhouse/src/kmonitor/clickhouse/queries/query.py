"""A question as a value: its text, and its parameters apart from it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Sql(NamedTuple):
    """Text with `{name:Type}` where a parameter belongs. A value never stands in the text."""

    text: str
    parameters: Mapping[str, Any]


class Query(Protocol):
    def sql(self) -> Sql: ...


def where(conditions: Mapping[str, Any]) -> str:
    """The conditions whose value was given, as a WHERE clause; empty when none was."""
    given = [condition for condition, value in conditions.items() if value is not None]
    return "WHERE " + " AND ".join(given) if given else ""
