"""What the shipped dictionary knows, and how a raw code is read by it."""

from typing import get_args

import pytest
from builders import EPOCH, TERMINAL, at, dictionary, report, validator
from msgspec.structs import fields

from kmonitor.domain.faults.dictionary import Entry, Words
from kmonitor.domain.faults.dictionary_files import read_dictionary
from kmonitor.domain.terminal.registers import Unit
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import decode, encode
from kmonitor.events.scalars import Device

DICTIONARY = dictionary()
CLASSES: tuple[Device, ...] = get_args(Device)
PRINTERS: tuple[Device, ...] = ("receipt_printer", "fiscal_registrar")


def numbers(*spans: int | tuple[int, int]) -> list[str]:
    """Each number by itself, and each span with both of its ends."""
    found: list[int] = []
    for span in spans:
        found += [span] if isinstance(span, int) else range(span[0], span[1] + 1)
    return list(map(str, found))


REJECTIONS = [
    "60",
    "61",
    "62",
    "63",
    "64",
    "65",
    "66",
    "67",
    "68",
    "69",
    "6A",
    "6C",
    "6D",
    "92",
    "93",
    "94",
    "95",
]
FAILURES = ["50", "51", "52", "53", "54", "55", "56", "5F"]
CCNET = [
    *("10", "11", "12", "13", "14", "15", "17", "18", "19", "1A", "1B", "1C"),
    *(f"1C:{reason}" for reason in REJECTIONS),
    *("41", "42", "43", "44", "45", "46", "47"),
    *(f"47:{reason}" for reason in FAILURES),
    *("80", "81", "82"),
]
PROMISED: list[tuple[str, tuple[Device, ...], list[str]]] = [
    ("ccnet", ("bill_acceptor",), CCNET),
    ("escpos", PRINTERS, ["0C", "60", "04", "08", "20", "40"]),
    ("xfs.device", CLASSES, numbers((0, 8))),
    ("xfs.cash_unit", ("bill_acceptor", "coin_acceptor", "dispenser"), numbers((0, 9))),
    ("xfs.paper", PRINTERS, numbers((0, 5))),
    ("neutral", ("bill_acceptor",), numbers((681, 702), (710, 725), (730, 735), 740, 741, (750, 776))),
    ("neutral", PRINTERS, numbers(210, 213, 220, 221, 222, 224, 225, 226, 227, 228, 232, 234)),
    ("neutral", ("fiscal_registrar",), numbers(254, 255, 265, 274, 275, 276, 277, 278, 280)),
    ("neutral", ("card_reader",), numbers(521, 580, 582)),
    ("neutral", ("dispenser",), numbers((810, 836))),
    ("neutral", ("sensors",), numbers((410, 417), 435)),
    ("neutral", ("modem",), numbers(151, 152)),
    ("neutral", ("computer",), numbers((310, 365))),
    ("neutral", CLASSES, numbers(62, 64, 65, 68, 74, 75)),
]


def unit(protocol: str, code: str, device: Device = "bill_acceptor") -> Unit:
    return Unit(device=device, unit="u", since=at(0), place=(EPOCH, 1), protocol=protocol, code=code)


def meaning(protocol: str, code: str, device: Device = "bill_acceptor") -> str:
    return DICTIONARY.condition_of(unit(protocol, code, device))


@pytest.mark.parametrize(("protocol", "devices", "codes"), PROMISED)
def test_every_code_that_is_promised_is_known(
    protocol: str, devices: tuple[Device, ...], codes: list[str]
) -> None:
    unknown = [
        (device, code) for device in devices for code in codes if meaning(protocol, code, device) == "unknown"
    ]
    assert unknown == []


def test_every_condition_is_said_in_both_languages() -> None:
    for entry in DICTIONARY.entries.values():
        assert any("а" <= letter <= "я" for letter in entry.text.ru.lower()), entry
        assert entry.text.en.isascii() or "ФН" in entry.text.en, entry


def test_every_code_has_words_in_both_languages_and_a_source() -> None:
    for code in DICTIONARY.codes.values():
        assert code.text.ru.strip(), code
        assert code.text.en.strip(), code
        assert code.source.strip(), code


@pytest.mark.parametrize(
    ("protocol", "device", "code", "condition"),
    [
        ("ccnet", "bill_acceptor", "41", "stacker_full"),
        ("ccnet", "bill_acceptor", "42", "stacker_removed"),
        ("ccnet", "bill_acceptor", "43", "jammed"),
        ("ccnet", "bill_acceptor", "46", "paused"),
        ("ccnet", "bill_acceptor", "47:51", "motor_failed"),
        ("ccnet", "bill_acceptor", "1C:60", "ok"),
        ("escpos", "receipt_printer", "04", "cover_open"),
        ("escpos", "receipt_printer", "08", "jammed"),
        ("escpos", "receipt_printer", "0C", "paper_near_end"),
        ("escpos", "receipt_printer", "20", "failed"),
        ("escpos", "receipt_printer", "60", "paper_out"),
        ("xfs.device", "camera", "1", "offline"),
        ("xfs.device", "camera", "6", "ok"),
        ("xfs.cash_unit", "bill_acceptor", "1", "stacker_full"),
        ("xfs.cash_unit", "bill_acceptor", "4", "ok"),
        ("xfs.cash_unit", "dispenser", "4", "empty"),
        ("xfs.paper", "receipt_printer", "2", "paper_out"),
        ("neutral", "bill_acceptor", "741", "stacker_near_full"),
        ("neutral", "bill_acceptor", "760", "rejecting"),
        ("neutral", "fiscal_registrar", "277", "fn_expired"),
        ("neutral", "sensors", "435", "no_mains"),
    ],
)
def test_a_code_is_one_canonical_condition(protocol: str, device: Device, code: str, condition: str) -> None:
    assert meaning(protocol, code, device) == condition


def test_money_is_at_risk_where_the_neutral_numbers_say_so() -> None:
    def risks(*span: int) -> set[bool]:
        entries = [DICTIONARY.entry_of(unit("neutral", str(number))) for number in range(span[0], span[1] + 1)]
        return {entry.money_risk for entry in entries if entry is not None}

    assert risks(681, 685) == risks(687, 702) == {True}
    # Full is full: the notes are where they belong.
    assert risks(686, 686) == {False}
    assert risks(710, 725) == {False}


def test_a_rejected_note_is_no_fault_until_it_persists() -> None:
    entry = DICTIONARY.entry_of(unit("neutral", "750"))
    assert entry is not None
    assert (entry.severity, entry.raise_after_s) == ("warning", 300)


def test_a_jam_is_raised_at_once() -> None:
    entry = DICTIONARY.entry_of(unit("ccnet", "43"))
    assert entry is not None
    assert (entry.effect, entry.raise_after_s, entry.clears) == ("stops", 0, "itself")


@pytest.mark.parametrize("device", CLASSES)
def test_every_class_can_fail_and_fall_silent(device: Device) -> None:
    stops = device in ("bill_acceptor", "coin_acceptor")
    for condition in ("failed", "offline"):
        assert (DICTIONARY.entries[device, condition].effect == "stops") == stops


@pytest.mark.parametrize(
    ("device", "condition"),
    [
        *(
            ("sensors", each)
            for each in ("door_open", "safe_open", "tilted", "kicked", "penetrated", "no_mains")
        ),
        *(("ups", each) for each in ("on_battery", "battery_low")),
        *(("modem", each) for each in ("no_signal", "sim_failed")),
        *(
            ("computer", each)
            for each in ("clock_wrong", "timezone_wrong", "disk_low", "memory_low", "overheated")
        ),
        *(("bill_acceptor", each) for each in ("stacker_full", "stacker_near_full", "stacker_removed")),
        *(("coin_acceptor", each) for each in ("coin_box_full", "coin_box_near_full")),
        *(("dispenser", each) for each in ("near_empty", "empty")),
        *(("receipt_printer", each) for each in ("paper_low", "paper_out", "control_tape_out")),
        ("fiscal_registrar", "fiscal_memory_near_full"),
    ],
)
def test_what_the_other_events_of_a_terminal_tell_has_an_entry(device: str, condition: str) -> None:
    assert (device, condition) in DICTIONARY.entries


def test_a_blow_has_no_healthy_word_so_only_a_repair_ends_it() -> None:
    clears = {DICTIONARY.entries["sensors", each].clears for each in ("kicked", "tilted", "penetrated")}
    assert clears == {"repair"}


@pytest.mark.parametrize("code", ["0C", "0c", "0x0C", "C", " 0C "])
def test_a_hexadecimal_code_is_known_however_it_is_written(code: str) -> None:
    assert meaning("escpos", code, "receipt_printer") == "paper_near_end"


@pytest.mark.parametrize("code", ["47:5f", "0x47:0x5F", "47:05F"])
def test_each_number_of_a_code_is_written_as_one_likes(code: str) -> None:
    assert meaning("ccnet", code) == "sensor_failed"


@pytest.mark.parametrize("code", ["741", "0741"])
def test_a_decimal_code_loses_leading_zeros_only(code: str) -> None:
    assert meaning("neutral", code) == "stacker_near_full"
    assert meaning("neutral", "0x" + code) == "unknown"


def test_a_protocol_is_named_in_any_case() -> None:
    assert meaning("CCNET", "43") == meaning("CcNet", "43") == "jammed"


@pytest.mark.parametrize("code", ["", " ", "0x", ":", "47:", "47:99", "E7", "99"])
def test_what_is_not_in_the_table_is_never_guessed(code: str) -> None:
    assert meaning("ccnet", code) == "unknown"
    assert DICTIONARY.text_of_code(unit("ccnet", code)) is None


def test_a_code_of_another_class_or_protocol_is_unknown() -> None:
    assert meaning("ccnet", "43", "receipt_printer") == "unknown"
    assert meaning("xfs", "1") == "unknown"
    assert meaning("neutral", "741", "dispenser") == "unknown"


def test_a_known_code_has_words() -> None:
    words = DICTIONARY.text_of_code(unit("ccnet", "47:51"))
    assert words == Words(ru="Отказ: скорость мотора транспорта", en="Transport motor speed failure")


def test_a_code_is_learned_for_the_past_too() -> None:
    """The state keeps the raw code, so one that was stored before is read by the newer dictionary."""
    state = after_report(TerminalState(terminal=TERMINAL), report(validator(1, "E7")), 0, 7)
    stored = encode(state)
    newer = read_dictionary(
        {"conditions": {"conditions": [plain_entry()]}},
        {
            "ccnet": {
                "protocol": "ccnet",
                "radix": 16,
                "devices": ["bill_acceptor"],
                "source": "learned",
                "codes": {"E7": {"condition": "worn", "text": {"ru": "Износ", "en": "Worn"}}},
            }
        },
    )
    (said,) = decode(stored, TerminalState).units.values()
    assert (DICTIONARY.condition_of(said), newer.condition_of(said)) == ("unknown", "worn")
    assert DICTIONARY.version != newer.version


def plain_entry() -> dict[str, object]:
    said = {
        "condition": "worn",
        "devices": ["bill_acceptor"],
        "severity": "warning",
        "effect": "none",
        "money_risk": False,
        "acts": "technician",
        "clears": "itself",
        "text": {"ru": "Изношен", "en": "Worn"},
    }
    assert said.keys() == {field.name for field in fields(Entry) if field.required}
    return said
