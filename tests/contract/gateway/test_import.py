"""`kmonitor terminals import`: a sheet becomes registered terminals, and bad rows are told."""

import subprocess
import sys
from pathlib import Path

from gateway_process import ADMIN_TOKEN, Gateway, operations

SHEET = """terminal,name,timezone,report_interval_s
{0}-1,Shop,Europe/Moscow,60
{0}-2,Station,Mars/Olympus,60
{0}-3,Mall,Asia/Yekaterinburg,0
{0}-4,Airport,,60
"""


def imported(
    gateway: Gateway, sheet: Path, *more: str, token: str = ADMIN_TOKEN
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kmonitor.cli.main", "terminals", "import", str(sheet), *more]
    where = ["--gateway", gateway.url, "--token", token]
    return subprocess.run([*command, *where], capture_output=True, text=True, timeout=60, check=False)


def test_good_rows_are_taken_once_and_bad_ones_told_with_line_and_reason(
    gateway: Gateway, name: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "park.csv"
    sheet.write_text(SHEET.format(name))
    for _ in range(2):
        answer = imported(gateway, sheet, "--bad", str(tmp_path / "bad.csv"))
        assert answer.returncode == 1
        assert "2 were taken, 2 not." in answer.stdout
        assert f"line 3: {name}-2: `timezone`: 'Mars/Olympus' is no IANA time zone" in answer.stderr
        assert f"line 4: {name}-3: `report_interval_s`" in answer.stderr
    assert len((tmp_path / "bad.csv").read_text().splitlines()) == 3
    said = operations(gateway.bootstrap, *(f"{name}-{number}" for number in range(1, 5)))
    assert len(said) == 2


def test_a_dry_run_says_what_would_be_and_does_nothing(gateway: Gateway, name: str, tmp_path: Path) -> None:
    sheet = tmp_path / "park.csv"
    sheet.write_text(SHEET.format(name))
    assert "4 can be taken, 0 not." in imported(gateway, sheet, "--dry-run").stdout
    assert operations(gateway.bootstrap, f"{name}-1") == []


def test_who_may_not_register_hears_so_at_once(gateway: Gateway, name: str, tmp_path: Path) -> None:
    sheet = tmp_path / "park.csv"
    sheet.write_text(SHEET.format(name))
    answer = imported(gateway, sheet, token="wrong.token")
    assert (answer.returncode, "may not register" in answer.stderr) == (2, True)
