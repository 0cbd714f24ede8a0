"""The dictionary's version: another one exactly when it says something else."""

from typing import Any

import pytest

from kmonitor.domain.faults.dictionary_files import read_dictionary

ENTRY: dict[str, Any] = {
    "condition": "worn",
    "devices": ["bill_acceptor", "dispenser"],
    "severity": "warning",
    "effect": "none",
    "money_risk": False,
    "acts": "technician",
    "clears": "itself",
    "text": {"ru": "Изношен", "en": "Worn"},
}
OTHER = ENTRY | {"condition": "dusty"}
CONDITIONS: dict[str, Any] = {"a": {"conditions": [ENTRY, OTHER]}}
TABLE: dict[str, Any] = {
    "protocol": "p",
    "radix": 16,
    "devices": ["bill_acceptor", "dispenser"],
    "source": "s",
    "codes": {
        "1": {"condition": "worn", "text": {"ru": "Один", "en": "One"}},
        "2": {"condition": "ok", "text": {"ru": "Два", "en": "Two"}},
    },
}
CODES: dict[str, Any] = {"p": TABLE}


def version(conditions: dict[str, Any] = CONDITIONS, codes: dict[str, Any] = CODES) -> str:
    return read_dictionary(conditions, codes).version


def turned(said: Any) -> Any:
    """The same with every mapping the other way round."""
    if isinstance(said, dict):
        return {key: turned(value) for key, value in reversed(said.items())}
    return said


VERSION = version()


def test_the_version_is_the_same_in_every_process() -> None:
    # Written down once: no hash seed, order of files or machine moves it.
    assert VERSION == "0f6f055305bf317d"


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        pytest.param(turned(CONDITIONS), turned(CODES), id="order of keys"),
        pytest.param({"a": {"conditions": [OTHER, ENTRY]}}, CODES, id="order of entries"),
        pytest.param({"x": {"conditions": [ENTRY]}, "y": {"conditions": [OTHER]}}, CODES, id="other files"),
        pytest.param(
            {
                "a": {
                    "conditions": [
                        ENTRY | {"devices": ["dispenser"]},
                        ENTRY | {"devices": ["bill_acceptor"]},
                        OTHER | {"raise_after_s": 0},
                    ]
                }
            },
            CODES,
            id="an entry for each device, a default said",
        ),
        pytest.param(CONDITIONS, {"p": TABLE | {"protocol": "P"}}, id="case of the protocol"),
    ],
)
def test_it_stays_when_the_same_is_said_otherwise(conditions: dict[str, Any], codes: dict[str, Any]) -> None:
    assert version(conditions, codes) == VERSION


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "error"},
        {"effect": "stops"},
        {"money_risk": True},
        {"acts": "it"},
        {"clears": "repair"},
        {"raise_after_s": 1},
        {"clear_after_s": 1},
        {"text": {"ru": "Изношена", "en": "Worn"}},
    ],
)
def test_it_changes_with_each_field_of_an_entry(change: dict[str, Any]) -> None:
    assert version({"a": {"conditions": [ENTRY | change, OTHER]}}) != VERSION


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "q"},
        {"radix": 10},
        {"devices": ["dispenser"]},
        {"source": "t"},
        {"codes": {"1": TABLE["codes"]["1"]}},
        {"codes": TABLE["codes"] | {"1": {"condition": "dusty", "text": {"ru": "Один", "en": "One"}}}},
        {"codes": TABLE["codes"] | {"1": {"condition": "worn", "text": {"ru": "Раз", "en": "One"}}}},
    ],
)
def test_it_changes_with_each_field_of_a_table(change: dict[str, Any]) -> None:
    assert version(codes={"p": TABLE | change}) != VERSION
