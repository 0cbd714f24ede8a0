"""The contracts are found."""

from pathlib import Path

from kmonitor.runtime.schemas import find_schemas


def test_the_folder_of_the_checkout_is_found() -> None:
    assert find_schemas() == Path(__file__).parents[3] / "schemas"
