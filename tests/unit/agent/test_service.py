"""How the agent becomes a service: texts that a machine or a person takes as they are."""

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from kmonitor.terminal_agent.main import main
from kmonitor.terminal_agent.service import Installation, systemd_unit, windows_commands
from kmonitor.terminal_agent.settings import Settings

SAID = Settings(gateway="https://a.b", terminal="T", data=Path("/var/lib/kmonitor-agent"))
WHAT = Installation(python=Path("/opt/agent/bin/python"), config=Path("/etc/kmonitor/agent.toml"), user="kiosk")


def unit(what: Installation = WHAT, said: Settings = SAID) -> ConfigParser:
    parsed = ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(systemd_unit(what, said))
    return parsed


def test_a_unit_runs_the_agent_as_its_user_and_for_ever() -> None:
    service = unit()["Service"]
    assert service["ExecStart"] == (
        "/opt/agent/bin/python -m kmonitor.terminal_agent.main run --config /etc/kmonitor/agent.toml"
    )
    assert (service["User"], service["Restart"]) == ("kiosk", "always")


def test_a_unit_may_write_only_where_it_must() -> None:
    said = Settings(gateway="https://a.b", terminal="T", data=Path("/data"), inbox=Path("/in box"))
    assert unit(said=said)["Service"]["ReadWritePaths"] == '/data "/in box"'
    assert unit()["Service"]["ProtectSystem"] == "strict"


def test_what_means_something_to_systemd_is_quoted() -> None:
    what = Installation(python=Path("/o p/100%/python"), config=Path("/e"), user="u")
    assert unit(what)["Service"]["ExecStart"].startswith('"/o p/100%%/python" -m')


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_itself_finds_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "kmonitor-agent.service"
    what = Installation(python=Path("/bin/true"), config=Path("/e"), user="root")
    file.write_text(systemd_unit(what, SAID))
    checked = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False, timeout=60
    )
    assert str(file.name) not in checked.stderr, checked.stderr


def test_windows_is_told_by_nssm() -> None:
    what = Installation(python=Path(r"C:\agent\python.exe"), config=Path(r"C:\ProgramData\a.toml"), user="")
    [install, *_] = windows_commands(what).splitlines()
    assert install == (
        r'nssm install kmonitor-agent "C:\agent\python.exe" -m kmonitor.terminal_agent.main run'
        r' --config "C:\ProgramData\a.toml"'
    )


def test_the_command_writes_it_where_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "agent.toml"
    config.write_text('gateway = "https://a.b"\nterminal = "T"\n')
    to = tmp_path / "kmonitor-agent.service"
    main(["install-service", "--no-windows", "--config", str(config), "--to", str(to)])
    assert f"--config {config}" in to.read_text()
    main(["install-service", "--windows", "--config", str(config)])
    assert capsys.readouterr().out.startswith("nssm install")
    with pytest.raises(SystemExit, match="2"):
        main(["install-service", "--config", str(config), "--to", str(tmp_path / "no" / "where")])
