"""The app as a visitor meets it: `streamlit run app.py` in a process of its own, with a fresh workspace."""

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = ROOT / "tests" / "browser" / "no_network"
START_UP = 300  # seconds on a slow machine, of which torch and captum take most


@dataclass(frozen=True)
class Server:
    """A running app: its address, the folder that keeps what visitors bring, and what it has logged."""

    url: str
    workspace: Path
    log: Path


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[Server]:
    """Run the app until the block ends, with its workspace and its log in `folder`, and these environment variables.

    It reaches no address but this machine's, as on a machine without a network.
    """
    server = Server(f"http://127.0.0.1:{free_port()}", folder / "workspace", folder / "log.txt")
    options = ["--server.headless=true", f"--server.port={server.url.rsplit(':')[-1]}", "--logger.level=debug"]  # jobs are logged so
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    environment = {"COMPLEX_LSTM_WORKSPACE": str(server.workspace), "OMP_NUM_THREADS": "1"} | without_network() | variables
    with running(command, server.log, **environment) as process:
        wait_until_up(server, process)
        yield server


def without_network() -> dict[str, str]:
    """Return the variables of a Python process that reaches no outside address, and says on its standard error which it asked for."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(NO_NETWORK), os.environ.get("PYTHONPATH", "")]))}


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block ends, with what it writes in a file, and these environment variables."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=os.environ | environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=START_UP)


def wait_until_up(server: Server, process: subprocess.Popen[bytes], trusting: ssl.SSLContext | None = None) -> None:
    """Wait until the app answers; where it does by TLS, `trusting` knows its certificate."""
    end = time.monotonic() + START_UP
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=10, context=trusting) as answer:
                if answer.read() == b"ok":
                    return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"The app did not start:\n{server.log.read_text()}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
