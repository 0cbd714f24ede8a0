"""A sheet of terminals: what each cell means, and which rows cannot be taken, and why."""

import pytest

from kmonitor.cli.terminals_csv import BadRow, Row, WrongSheet, decoded, read_sheet


def registered(line: int, **said: object) -> Row:
    return Row(line, {"type": "terminal.registered.v1", **said})


def test_a_row_is_an_operation_and_an_empty_cell_says_nothing() -> None:
    rows, bad = read_sheet("terminal,name,region,report_interval_s\nT-1,Shop,msk,60\nT-2,,-,\n")
    assert rows == [
        registered(2, terminal="T-1", name="Shop", region="msk", report_interval_s=60),
        registered(3, terminal="T-2", region=None),
    ]
    assert bad == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_of_an_office_is_understood(delimiter: str) -> None:
    text = delimiter.join(("Terminal", "latitude", "tags")) + "\n" + delimiter.join(("T-1", "55.75", "a|b"))
    assert read_sheet(text)[0] == [registered(2, terminal="T-1", latitude=55.75, tags=["a", "b"])]


def test_a_sheet_of_excel_in_russian_is_read() -> None:
    sheet = "terminal;name;latitude\nT-1;Магазин «Ёлка»;55,75\n"
    for data in (sheet.encode("utf-8-sig"), sheet.encode("cp1251")):
        (row,), _ = read_sheet(decoded(data))
        assert (row.body["name"], row.body["latitude"]) == ("Магазин «Ёлка»", 55.75)


def test_a_bad_row_is_told_with_its_line_and_the_others_are_taken() -> None:
    rows, bad = read_sheet(
        'terminal,name,latitude\nT-1,"two\nlines",1\n,nameless,\nT-2,x,north\nT-1,again,\nT-3,x\nT-4,x,\n'
    )
    assert [row.body["terminal"] for row in rows] == ["T-1", "T-4"]
    assert bad == [
        BadRow(4, "", "`terminal` is missing"),
        BadRow(5, "T-2", "`latitude`: 'north' is no number"),
        BadRow(6, "T-1", "`terminal` stands in line 3 already: keep one of them"),
        BadRow(7, "T-3", "it has not as many cells as the first line, 3"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must name the columns"),
        ("name\nx\n", "must name the columns"),
        ("terminal,colour\nT,red\n", "no column 'colour'"),
        ("terminal,terminal\nT,T\n", "named twice"),
        ('terminal\n"T\n', "is not CSV"),
    ],
)
def test_what_is_no_sheet_says_what_one_looks_like(text: str, why: str) -> None:
    with pytest.raises(WrongSheet, match=why):
        read_sheet(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_what_no_operation_can_say_is_no_number(text: str) -> None:
    assert read_sheet(f"terminal,latitude\nT-1,{text}\n") == (
        [],
        [BadRow(2, "T-1", f"`latitude`: {text!r} is no number")],
    )


def test_blank_lines_before_the_heading_are_counted() -> None:
    rows, bad = read_sheet("\n  \n\r\nterminal,latitude\nT-1,55\nT-2,north\nT-1,55\n")
    assert [row.line for row in rows] == [5]
    assert bad == [
        BadRow(6, "T-2", "`latitude`: 'north' is no number"),
        BadRow(7, "T-1", "`terminal` stands in line 5 already: keep one of them"),
    ]


def test_a_line_that_is_no_csv_is_named_as_the_office_counts() -> None:
    with pytest.raises(WrongSheet, match="Line 4 is not CSV"):
        read_sheet('\n\nterminal\n"T\n')
