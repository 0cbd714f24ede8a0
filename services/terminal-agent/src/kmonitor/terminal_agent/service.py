"""How the agent becomes a service of its machine: a systemd unit, or what to type on Windows."""

from pathlib import Path

from msgspec import Struct

from kmonitor.terminal_agent.settings import Settings

MODULE = "kmonitor.terminal_agent.main"
NAME = "kmonitor-agent"


class Installation(Struct, frozen=True, kw_only=True):
    """Who runs it, with which Python, and where its settings are."""

    python: Path
    config: Path
    user: str


def systemd_unit(what: Installation, settings: Settings) -> str:
    """It may write where its spool and its inbox are, and nowhere else."""
    writes = [settings.data] + ([settings.inbox] if settings.inbox else [])
    command = " ".join(_quoted(part) for part in (what.python, "-m", MODULE, "run", "--config", what.config))
    return f"""\
[Unit]
Description=KMonitor terminal agent
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
ExecStart={command}
User={what.user}
Restart=always
RestartSec=5
TimeoutStopSec=30
UMask=0077
ProtectSystem=strict
ReadWritePaths={" ".join(_quoted(path) for path in writes)}
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
MemoryMax=256M

[Install]
WantedBy=multi-user.target
"""


def windows_commands(what: Installation) -> str:
    """For an administrator's console. Python speaks to no service manager, so NSSM (nssm.cc) does."""
    run = rf'nssm install {NAME} "{what.python}" -m {MODULE} run --config "{what.config}"'
    return f"""\
{run}
nssm set {NAME} DisplayName "KMonitor terminal agent"
nssm set {NAME} Start SERVICE_AUTO_START
nssm set {NAME} AppExit Default Restart
nssm set {NAME} AppRestartDelay 5000
nssm set {NAME} AppStopMethodConsole 30000
nssm start {NAME}
"""


def _quoted(part: object) -> str:
    """As systemd reads it: % and spaces mean something there."""
    text = str(part).replace("%", "%%")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if " " in text else text
