"""The broker's jars, fetched once by Maven and kept outside any stack's data."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from kmonitor.local import paths
from kmonitor.local.errors import CannotStart
from kmonitor.local.java import find_java

POM = paths.KAFKA / "pom.xml"
HOW_TO_GET_MAVEN = (
    "Maven is needed once, to fetch the broker's jars: install it with `apt-get install maven` and start again."
)


def jars_folder() -> Path:
    """Where the jars of this very pom are, or will be."""
    return paths.JARS / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]


def prepare_jars(say: Callable[[str], None]) -> Path:
    """The folder with the jars; fetches them (about 45 MB) the first time."""
    folder = jars_folder()
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotStart(HOW_TO_GET_MAVEN)
    say("fetching Kafka's jars with Maven (about 45 MB, the first time only)…")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="fetching-", dir=folder.parent))
    try:
        _copy_dependencies(maven, unfinished)
        # By rename, so that a folder with a name is always complete.
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # else: another process was quicker
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _copy_dependencies(maven: str, folder: Path) -> None:
    java_home = {} if os.environ.get("JAVA_HOME") else {"JAVA_HOME": str(find_java().resolve().parents[1])}
    command = [maven, "--batch-mode", "--quiet", "--file", str(POM), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*command, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | java_home,
    )
    if done.returncode != 0:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise CannotStart(
            f"Maven could not fetch the broker's jars ({reason.strip()}): see to the network and try again."
        )
