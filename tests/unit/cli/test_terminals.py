"""`kmonitor terminals import` as it is typed."""

from pathlib import Path

from typer.testing import CliRunner

from kmonitor.cli.main import app


def test_a_folder_is_no_sheet(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["terminals", "import", str(tmp_path), "--dry-run"])
    assert answer.exit_code == 2
    assert "is a directory" in answer.output
