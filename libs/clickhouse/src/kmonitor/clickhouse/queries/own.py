"""Rows of some terminals alone: which they are goes in as parameters, in pieces that the engine takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kmonitor.clickhouse.queries.query import Sql

PIECE = 1_000
"""Names in one parameter: the engine takes none that is larger than 128 KiB."""
ALWAYS = (-(2**62), 2**62)

Stay = tuple[str, int, int]
"""A terminal, and from when until before when it was somebody's, in microseconds since 1970."""


def among(terminals: Sequence[str] | None) -> Sql:
    """A condition on the column `terminal`; empty when all terminals are meant."""
    if terminals is None:
        return Sql("", {})
    given = {f"own_{number}": list(piece) for number, piece in enumerate(_pieces(terminals))}
    any_of = " OR ".join(f"terminal IN {{{name}:Array(String)}}" for name in given)
    return Sql(f"({any_of})", given)


def table_of(stays: Sequence[Stay]) -> Sql:
    """The stays as a table: terminal, own_since, own_until."""
    given: dict[str, Any] = {}
    for number, piece in enumerate(_pieces(stays)):
        given |= {
            f"stay_terminals_{number}": [terminal for terminal, _, _ in piece],
            f"stay_since_{number}": [since for _, since, _ in piece],
            f"stay_until_{number}": [until for _, _, until in piece],
        }
    terminals = _whole("stay_terminals", "String", given)
    since, until = _whole("stay_since", "Int64", given), _whole("stay_until", "Int64", given)
    text = f"""
    SELECT stay.1 AS terminal, stay.2 AS own_since, stay.3 AS own_until
    FROM (SELECT arrayJoin(arrayZip({terminals}, {since}, {until})) AS stay)"""  # noqa: S608 (our own names)
    return Sql(text, given)


def _whole(name: str, kind: str, given: Iterable[str]) -> str:
    """One array of its pieces."""
    pieces = (f"{{{each}:Array({kind})}}" for each in given if each.startswith(name))
    return f"arrayConcat({', '.join(pieces)})"


def _pieces(of: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """At least one, so that nobody's is nothing and not everything."""
    return (of[start : start + PIECE] for start in range(0, max(len(of), 1), PIECE))
