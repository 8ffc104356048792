"""Servers for the benchmarks: on a free port of 127.0.0.1, with two workers, stopped by their process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from medvirk.config.commands import server_command

SCRIPTS = Path(__file__).resolve().parent
WORKERS = 2
START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the process id of its parent."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of all workers so far: what a request costs, however busy the machine is. Linux only."""
        ticks = sum(_ticks(int(child)) for child in _children(self.pid))
        return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _ticks(pid: int) -> int:
    """User and system time of one process, in clock ticks (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(application: str, **environment: str) -> Iterator[Server]:
    """Serve a WSGI application by the line that `medvirk serve` uses; gives the server.

    Raises RuntimeError with what the server printed when it does not come up.
    """
    port = free_port()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            server_command(port=port, workers=WORKERS, application=application),
            env={**os.environ, "PYTHONPATH": str(SCRIPTS), **environment},
            stdout=printed,
            stderr=printed,
        )
        try:
            if not _is_up(port, process):
                printed.seek(0)
                raise RuntimeError(f"{application} did not start:\n{printed.read()[-2000:]}")
            yield Server(port, process.pid)
        finally:
            _stop(process)


def _is_up(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.05)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop; it ends its own workers."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
