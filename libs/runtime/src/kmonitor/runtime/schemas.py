"""Where the contracts lie, and the ones that are plain data."""

from pathlib import Path

import yaml

from kmonitor.runtime.errors import CannotStart


def find_schemas() -> Path:
    """The folder `schemas` of the checkout this code stands in; outside of one KMONITOR_SCHEMAS must say it."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "schemas" / "topics").is_dir():
            return folder / "schemas"
    raise CannotStart("KMONITOR_SCHEMAS is missing: set it to the folder `schemas` of KMonitor.")


def read_fault_dictionaries(schemas: Path) -> dict[str, object]:
    """Every file of `faults/` by its name without ending, as plain lists, dicts and scalars."""
    files = sorted((schemas / "faults").glob("*.yaml"))
    if not files:
        raise CannotStart(
            f"{schemas / 'faults'} holds no fault dictionaries: set KMONITOR_SCHEMAS to `schemas`."
        )
    return {file.stem: _read(file) for file in files}


def _read(file: Path) -> object:
    try:
        return yaml.load(file.read_text("utf-8"), Loader=LOADER)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        raise CannotStart(f"{file} is not YAML, mend it: {error}") from error


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
