"""Where the contracts lie."""

from pathlib import Path

from kmonitor.runtime.errors import CannotStart


def find_schemas() -> Path:
    """The folder `schemas` of the checkout this code stands in; outside of one KMONITOR_SCHEMAS must say it."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "schemas" / "topics").is_dir():
            return folder / "schemas"
    raise CannotStart("KMONITOR_SCHEMAS is missing: set it to the folder `schemas` of KMonitor.")
