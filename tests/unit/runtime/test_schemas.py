"""The contracts are found, and the fault dictionaries read as plain data."""

from pathlib import Path

import pytest

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.schemas import find_schemas, read_fault_dictionaries


def test_the_folder_of_the_checkout_is_found() -> None:
    assert find_schemas() == Path(__file__).parents[3] / "schemas"


def test_dictionaries_come_by_name_as_plain_data(tmp_path: Path) -> None:
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "ccnet.yaml").write_text("codes: {'43': validator_jammed}\n")
    assert read_fault_dictionaries(tmp_path) == {"ccnet": {"codes": {"43": "validator_jammed"}}}


def test_a_folder_without_dictionaries_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="holds no fault dictionaries"):
        read_fault_dictionaries(tmp_path)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "broken.yaml").write_text("a: [")
    with pytest.raises(CannotStart, match=r"broken\.yaml is not YAML"):
        read_fault_dictionaries(tmp_path)
