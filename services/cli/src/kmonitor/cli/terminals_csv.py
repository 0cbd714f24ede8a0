"""A sheet of terminals as an office keeps it: rows that can be registered, and why the others cannot."""

import csv
import io
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, NamedTuple

DELIMITERS = ";,\t"
NULL = "-"
"""What stands in a cell that is to be cleared; an empty cell leaves what is known unchanged."""


class Row(NamedTuple):
    """A row of the sheet, by its line there, as the operation that registers it."""

    line: int
    body: dict[str, Any]


class BadRow(NamedTuple):
    line: int
    terminal: str
    reason: str


class WrongSheet(Exception):
    """Text that is no sheet of terminals at all; it says what one looks like."""


def _number(text: str) -> float:
    number = float(text.replace(",", "."))
    if not isfinite(number):
        raise ValueError("JSON has no such number")
    return number


def _tags(text: str) -> list[str]:
    return [each.strip() for each in text.replace("|", ",").split(",") if each.strip()]


COLUMNS: dict[str, Callable[[str], Any]] = {
    "terminal": str,
    "name": str,
    "address": str,
    "latitude": _number,
    "longitude": _number,
    "region": str,
    "dealer": str,
    "timezone": str,
    "currency": str,
    "report_interval_s": int,
    "working_hours": str,
    "model": str,
    "tags": _tags,
    "effective_from": str,
}


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, or what Excel in Russian writes."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")


def read_sheet(text: str) -> tuple[list[Row], list[BadRow]]:
    """The rows of a sheet whose first line names its columns. Raises WrongSheet.

    A terminal that stands there twice is taken once: which row is meant nobody can tell, so the second is bad.
    """
    sheet = text.lstrip()
    skipped = text[: len(text) - len(sheet)].count("\n")
    heading = sheet.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.DictReader(io.StringIO(sheet), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    _check_heading(names)
    reader.fieldnames = names
    rows: list[Row] = []
    bad: list[BadRow] = []
    lines: dict[str, int] = {}
    for line, cells in _lines(reader, skipped):
        terminal = (cells.get("terminal") or "").strip()
        try:
            body = _body(cells, len(names))
            if terminal in lines:
                raise ValueError(f"`terminal` stands in line {lines[terminal]} already: keep one of them")
        except ValueError as error:
            bad.append(BadRow(line, terminal, str(error)))
        else:
            lines[terminal] = line
            rows.append(Row(line, body))
    return rows, bad


def _lines(reader: "csv.DictReader[str]", skipped: int) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Rows by their line in the file, `skipped` blank lines before the heading included."""
    try:
        for cells in reader:
            yield skipped + reader.line_num, cells
    except csv.Error as error:
        # The inner reader's: the outer one still stands at the last row that was read.
        raise WrongSheet(f"Line {skipped + reader.reader.line_num} is not CSV: {error}.") from error


def _check_heading(names: list[str]) -> None:
    if "terminal" not in names:
        raise WrongSheet(f"The first line must name the columns, `terminal` among them: {', '.join(COLUMNS)}.")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise WrongSheet(f"There is no column {unknown[0]!r}: there are {', '.join(COLUMNS)}.")
    if len(set(names)) != len(names):
        raise WrongSheet("A column is named twice in the first line: keep one of them.")


def _body(cells: dict[Any, Any], columns: int) -> dict[str, Any]:
    if None in cells or None in cells.values():
        raise ValueError(f"it has not as many cells as the first line, {columns}")
    body: dict[str, Any] = {"type": "terminal.registered.v1"}
    for name, cell in cells.items():
        text = cell.strip()
        if not text:
            continue
        try:
            body[name] = None if text == NULL else COLUMNS[name](text)
        except ValueError:
            raise ValueError(f"`{name}`: {text!r} is no number") from None
    if not isinstance(body.get("terminal"), str):
        raise ValueError("`terminal` is missing")
    return body
