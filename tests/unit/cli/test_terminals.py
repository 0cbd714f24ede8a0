"""`kmonitor terminals import` as it is typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kmonitor.cli.main import app


def test_a_folder_is_no_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Named by a dot: typer breaks its lines at 80 columns, also within what it says of a longer path.
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, ["terminals", "import", ".", "--dry-run"])
    assert answer.exit_code == 2
    assert "is a directory" in answer.output
