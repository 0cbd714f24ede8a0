"""What nobody knows is counted over the terminals as they are now."""

from typing import Any

from builders import at, dictionary, printer, report, validator

from kmonitor.domain.office.registry import Registry
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import encode
from kmonitor.events.types import Event
from kmonitor.events.units import DeviceReported
from kmonitor.query_api.cursors import place
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.routes.codes import page_of
from kmonitor.query_api.unknown_codes import UnknownCode


def fleet() -> Fleet:
    return Fleet(Registry(), lambda: at(0), dictionary())


def state(terminal: str, *events: Event) -> bytes:
    return encode(after_report(TerminalState(terminal=terminal), report(*events, terminal=terminal), 0, 7))


def said(seq: int, protocol: str, code: str, **more: Any) -> DeviceReported:
    known: dict[str, Any] = {"device": "bill_acceptor", "unit": "validator-1"}
    return DeviceReported(seq=seq, at=at(0), protocol=protocol, code=code, **(known | more))


def counted(fleet: Fleet) -> list[tuple[str | None, str, str, int]]:
    return [(item.protocol, item.code, item.device, item.terminals) for item in fleet.unknown_codes.items()]


def test_what_the_dictionary_knows_is_not_listed() -> None:
    park = fleet()
    park.take_state("A", state("A", validator(1, "43"), printer(2, "ok")))
    assert park.unknown_codes.items() == []


def test_each_unknown_code_is_counted_with_the_terminals_that_say_it() -> None:
    park = fleet()
    park.take_state("A", state("A", validator(1, "E7")))
    park.take_state("B", state("B", validator(1, "e7"), said(2, "xyz", "0x1", device="camera")))
    park.take_state("C", state("C", validator(1, "0xE7"), printer(2, "melancholic")))
    assert park.unknown_codes.items() == [
        UnknownCode("ccnet", "E7", "bill_acceptor", 3, ["A", "B", "C"]),
        UnknownCode("xyz", "0x1", "camera", 1, ["B"]),
        UnknownCode(None, "melancholic", "receipt_printer", 1, ["C"]),
    ]


def test_a_terminal_with_two_such_units_counts_once() -> None:
    park = fleet()
    park.take_state("A", state("A", validator(1, "E7"), said(2, "CCNET", "E7", unit="validator-2")))
    assert counted(park) == [("ccnet", "E7", "bill_acceptor", 1)]


def test_the_same_number_of_two_classes_is_two_codes() -> None:
    park = fleet()
    park.take_state("A", state("A", validator(1, "E7"), said(2, "ccnet", "E7", device="scanner")))
    assert counted(park) == [("ccnet", "E7", "bill_acceptor", 1), ("ccnet", "E7", "scanner", 1)]


def test_a_newer_word_takes_the_place_of_the_unknown_one() -> None:
    park = fleet()
    for terminal in ("A", "B"):
        park.take_state(terminal, state(terminal, validator(1, "E7")))
    park.take_state("A", state("A", validator(1, "E7"), validator(2, "14")))
    assert park.unknown_codes.items() == [UnknownCode("ccnet", "E7", "bill_acceptor", 1, ["B"])]
    park.take_state("B", state("B", validator(1, "E8")))
    assert counted(park) == [("ccnet", "E8", "bill_acceptor", 1)]


def test_the_same_state_again_counts_once() -> None:
    park = fleet()
    for _ in range(2):
        park.take_state("A", state("A", validator(1, "E7")))
    assert counted(park) == [("ccnet", "E7", "bill_acceptor", 1)]


def test_a_forgotten_terminal_is_not_counted() -> None:
    park = fleet()
    park.take_state("A", state("A", validator(1, "E7")))
    park.take_state("A", None)
    assert park.unknown_codes.items() == []


def test_the_most_widespread_comes_first_with_a_few_examples() -> None:
    park = fleet()
    for number in range(8):
        park.take_state(f"T-{number}", state(f"T-{number}", validator(1, "E8" if number else "E7")))
    first, second = park.unknown_codes.items()
    assert (first.code, first.terminals, second.terminals) == ("E8", 7, 1)
    assert first.examples == ["T-1", "T-2", "T-3", "T-4", "T-5"]


def test_pages_join_to_the_whole_list() -> None:
    found = [UnknownCode("p", str(number), "camera", 1, []) for number in range(5)]
    pages, start = [], 0
    while True:
        page = page_of(found, start, 2)
        pages.append([item.code for item in page.items])
        at_ = place("unknown-codes", page.next, int)
        if at_ is None:
            break
        start = int(at_[0])
    assert pages == [["0", "1"], ["2", "3"], ["4"]]
