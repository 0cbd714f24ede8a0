"""A dictionary entry that is wrong: the service refuses to start, and says which line."""

import re
from pathlib import Path

import pytest

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.fault_dictionary import read_fault_dictionary

CONDITIONS = """\
conditions:
  - condition: jammed
    devices: [bill_acceptor]
    severity: error
    effect: stops
    money_risk: true
    acts: technician
    clears: itself
    raise_after_s: 5
    text: {ru: "Замятие", en: "Jammed"}
  - condition: cover_open
    devices: [bill_acceptor, dispenser]
    severity: error
    effect: degrades
    money_risk: false
    acts: technician
    clears: itself
    text:
      ru: "Крышка открыта"
      en: "Cover open"
"""
CODES = """\
protocol: ccnet
radix: 16
devices: [bill_acceptor]
source: CCNET
codes:
  "14": {condition: ok, text: {ru: "Ожидание", en: "Idling"}}
  "43": {condition: jammed, text: {ru: "Замятие", en: "Jammed"}}
  "4C":
    condition: cover_open
    text: {ru: "Крышка", en: "Cover"}
"""


def written(folder: Path, conditions: str = CONDITIONS, codes: str = CODES, **more: str) -> Path:
    for name, text in {"conditions/all": conditions, "codes/ccnet": codes}.items():
        path = folder / "faults" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name, text in more.items():
        (folder / "faults" / "codes" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_conditions_and_codes_are_found_in_folders_of_folders(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "faults" / "codes" / "deep").mkdir()
    (folder / "faults" / "codes" / "ccnet.yaml").rename(folder / "faults" / "codes" / "deep" / "ccnet.yaml")
    assert set(read_fault_dictionary(folder).codes) == {
        ("ccnet", "bill_acceptor", "14"),
        ("ccnet", "bill_acceptor", "43"),
        ("ccnet", "bill_acceptor", "4C"),
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        (
            "severity: error\n    effect: stops",
            "severity: awful\n    effect: stops",
            4,
            "Invalid enum value 'awful'",
        ),
        ("effect: degrades", "effect: breaks", 14, "Invalid enum value 'breaks'"),
        (
            "acts: technician\n    clears: itself\n    raise",
            "acts: me\n    clears: itself\n    raise",
            7,
            "'me'",
        ),
        ("clears: itself\n    raise_after_s: 5", "clears: never\n    raise_after_s: 5", 8, "'never'"),
        ("    money_risk: false\n", "", 11, "missing required field `money_risk`"),
        ("money_risk: false", "money_risk: perhaps", 15, "Expected `bool`, got `str`"),
        ("    effect: degrades\n", "    effect: degrades\n    colour: red\n", 15, "unknown field `colour`"),
        ("raise_after_s: 5", "raise_after_s: -1", 9, "Expected `int` >= 0"),
        ("raise_after_s: 5", "raise_after_s: soon", 9, "Expected `int`, got `str`"),
        ("[bill_acceptor, dispenser]", "[bill_acceptor, toaster]", 12, "Invalid enum value 'toaster'"),
        ("[bill_acceptor, dispenser]", "[]", 12, "length >= 1"),
        (
            "[bill_acceptor, dispenser]",
            "[dispenser, dispenser]",
            11,
            "'cover_open' of 'dispenser' is described twice",
        ),
        ("condition: cover_open", "condition: jammed", 11, "'jammed' of 'bill_acceptor' is described twice"),
        ("condition: cover_open", "condition: Cover open", 11, "matching regex"),
        ("condition: cover_open", "condition: ok", 11, "'ok' is no fault"),
        ("condition: cover_open", "condition: unknown", 11, "'unknown' is no fault"),
        ('en: "Cover open"', 'en: "  "', 20, "matching regex"),
        ('      en: "Cover open"\n', "", 18, "missing required field `en`"),
        ('en: "Cover open"', 'en: "Cover open"\n      de: "Offen"', 21, "unknown field `de`"),
        ("conditions:", "entries:", 1, "unknown field `entries`"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    folder = written(tmp_path, conditions=changed(CONDITIONS, old, new))
    with pytest.raises(CannotStart, match=rf"faults/conditions/all\.yaml line {line}: .*{re.escape(why)}"):
        read_fault_dictionary(folder)


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("condition: cover_open", "condition: melted", 8, "no entry describes 'melted' of 'bill_acceptor'"),
        ("[bill_acceptor]", "[bill_acceptor, dispenser]", 7, "no entry describes 'jammed' of 'dispenser'"),
        ('"4C"', '"0x43"', 8, "the code stands twice for 'bill_acceptor'"),
        ('"4C"', '"43"', 8, "the key '43' stands twice"),
        ('"4C"', "44", 8, "a code stands in quotes"),
        ('"4C"', '"door"', 8, "'door' is no number of radix 16"),
        ("radix: 16", "radix: 10", 8, "'4C' is no number of radix 10"),
        ("radix: 16", "radix: 8", 2, "Invalid enum value 8"),
        ("source: CCNET\n", "", 1, "missing required field `source`"),
        ('ru: "Крышка"', 'ru: ""', 10, "matching regex"),
        ('{ru: "Крышка", en: "Cover"}', "Cover", 10, "Expected `object`, got `str`"),
        (
            "    condition: cover_open\n",
            "    condition: cover_open\n    severity: error\n",
            10,
            "unknown field",
        ),
    ],
)
def test_a_wrong_code_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, why: str) -> None:
    folder = written(tmp_path, codes=changed(CODES, old, new))
    with pytest.raises(CannotStart, match=rf"faults/codes/ccnet\.yaml line {line}: .*{re.escape(why)}"):
        read_fault_dictionary(folder)


MORE = """\
protocol: CCNET
radix: 16
devices: [bill_acceptor]
source: s
codes:
  "15": {condition: ok, text: {ru: "Да", en: "Yes"}}
"""


def test_two_files_may_share_a_protocol_but_no_code_and_no_radix(tmp_path: Path) -> None:
    written(tmp_path, more=MORE)
    assert ("ccnet", "bill_acceptor", "15") in read_fault_dictionary(tmp_path).codes
    written(tmp_path, more=changed(MORE, '"15"', '"14"'))
    with pytest.raises(CannotStart, match=r"more\.yaml line 6: the code stands twice"):
        read_fault_dictionary(tmp_path)
    written(tmp_path, more=changed(MORE, "radix: 16\n", ""))
    with pytest.raises(CannotStart, match=r"more\.yaml line 1: another file gives 'ccnet' another radix"):
        read_fault_dictionary(tmp_path)


def test_a_folder_without_a_dictionary_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="holds no fault dictionary"):
        read_fault_dictionary(tmp_path)
