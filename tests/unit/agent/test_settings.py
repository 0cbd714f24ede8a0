"""What the agent is told, and what it refuses to start on: one sentence, exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.files import read_credential
from kmonitor.terminal_agent.settings import home, read

LEAST = 'gateway = "https://monitor.example.org"\nterminal = "MSK-004417"\n'


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "agent.toml"
    file.write_text(text, "utf-8")
    return file


def a_credential(folder: Path, text: str = "k1.secret\n", mode: int = 0o600) -> Path:
    file = folder / "credential"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_gateway_and_a_terminal_are_enough(tmp_path: Path) -> None:
    said = read(settings_file(tmp_path, LEAST), {})
    assert (said.gateway, said.terminal, said.inbox) == ("https://monitor.example.org", "MSK-004417", None)
    assert said.credential_file == said.data / "credential"


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    file = settings_file(tmp_path, LEAST + "port = 9000\nspool_limit_mb = 10\n")
    told = {"KMONITOR_AGENT_PORT": "9001", "KMONITOR_AGENT_INBOX": str(tmp_path), "PATH": "/bin"}
    said = read(file, told)
    assert (said.port, said.spool_limit_mb, said.inbox) == (9001, 10, tmp_path)


def test_the_environment_alone_is_enough() -> None:
    said = read(None, {"KMONITOR_AGENT_GATEWAY": "http://127.0.0.1:8080", "KMONITOR_AGENT_TERMINAL": "T"})
    assert said.terminal == "T"


def test_it_lives_where_its_system_keeps_such_things() -> None:
    assert home(windows=False) == Path("/var/lib/kmonitor-agent")
    assert str(home(windows=True, environment={"PROGRAMDATA": "D:"})).startswith("D:")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('terminal = "T"', "`gateway`"),
        ('gateway = "https://a.b"', "`terminal`"),
        ('gateway = "monitor"\nterminal = "T"', "https://gateway.example.org"),
        ('gateway = "http://a.b:99999"\nterminal = "T"', "https://gateway.example.org"),
        ('gateway = "http://me:secret@a.b"\nterminal = "T"', "https://gateway.example.org"),
        (LEAST + "prot = 1", "`prot`"),
        (LEAST + 'port = "many"', "port"),
        (LEAST + "port = 70000", "port"),
        (LEAST + 'compression = "rar"', "compression"),
        (LEAST + "data = 7", "path"),
        ("terminal", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CannotRun, match=says):
        read(settings_file(tmp_path, text), {})


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot be read"):
        read(tmp_path / "none.toml", {})


def test_a_credential_of_its_owner_is_read(tmp_path: Path) -> None:
    assert read_credential(a_credential(tmp_path)) == "k1.secret"


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_credential_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CannotRun, match="chmod 600"):
        read_credential(a_credential(tmp_path, mode=mode))


@pytest.mark.parametrize("text", ["", "secret", ".secret", "k1.", "k1 .secret", "k1.sec\nret", "k1.с"])
def test_what_is_no_credential_is_refused_and_never_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(CannotRun, match="does not hold a key") as refused:
        read_credential(a_credential(tmp_path, text))
    assert "sec" not in str(refused.value).replace("`<key_id>.<secret>`", "")


def agent(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kmonitor.terminal_agent.main", *arguments]
    told = {"KMONITOR_AGENT_DATA": str(folder)} | environment
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=os.environ | told
    )


TOLD = {"KMONITOR_AGENT_GATEWAY": "http://127.0.0.1:9", "KMONITOR_AGENT_TERMINAL": "T"}


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_it_refuses_to_start_with_an_open_credential(tmp_path: Path) -> None:
    a_credential(tmp_path, mode=0o644)
    ended = agent(tmp_path, "run", **TOLD)
    assert ended.returncode == 2
    file = tmp_path / "credential"
    assert ended.stderr == f"{file} is open to others than its owner: run `chmod 600 {file}`.\n"


def test_it_refuses_to_start_without_settings_and_says_what_is_missing(tmp_path: Path) -> None:
    ended = agent(tmp_path, "run")
    assert (ended.returncode, "`gateway`" in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)


def test_a_status_that_nobody_answers_is_said_in_a_sentence(tmp_path: Path) -> None:
    ended = agent(tmp_path, "status", KMONITOR_AGENT_PORT="1", **TOLD)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "No agent answers" in ended.stderr
