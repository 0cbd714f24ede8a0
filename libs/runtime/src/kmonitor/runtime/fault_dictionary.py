"""The fault dictionary of the contracts, or the line that keeps a service from starting."""

from pathlib import Path

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.dictionary_files import WrongDictionary, read_dictionary
from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.yaml_file import YamlFile, read_yaml


def read_fault_dictionary(schemas: Path) -> Dictionary:
    """What `faults/conditions` and `faults/codes` say. Raises `CannotStart` with file, line and reason."""
    conditions = _files(schemas / "faults" / "conditions")
    codes = _files(schemas / "faults" / "codes")
    try:
        return read_dictionary(
            {name: file.content for name, file in conditions.items()},
            {name: file.content for name, file in codes.items()},
        )
    except WrongDictionary as wrong:
        line = (conditions | codes)[wrong.file].line(wrong.place)
        raise CannotStart(f"{wrong.file} line {line}: {wrong.why}: mend the fault dictionary.") from wrong


def _files(folder: Path) -> dict[str, YamlFile]:
    paths = sorted(folder.rglob("*.yaml"))
    if not paths:
        raise CannotStart(f"{folder} holds no fault dictionary: set KMONITOR_SCHEMAS to `schemas`.")
    return {str(path): read_yaml(path) for path in paths}
