"""A server under test: started on its core, waited for, asked what it costs, ended by its pid."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import cores

HOST = "127.0.0.1"
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """The server did not come up, or went away; the message has its last words."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """`with Server(command) as server:` is a process on the server's core, or on `core`."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        *,
        env: Mapping[str, str] | None = None,
        core: int = cores.SERVER,
    ) -> None:
        self.command, self.port, self._core = list(command), port, core
        self._env = {**os.environ, **(env or {})}

    def __enter__(self) -> Server:
        self._said = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        with cores.pinned(self._core):
            self._process = subprocess.Popen(
                self.command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.stop()
        if error and not isinstance(error, Failed | KeyboardInterrupt) and self.last_words():
            error.add_note(f"the server said: {self.last_words()}")
        self._said.close()

    async def answers(self, within: float = 60.0) -> float:
        """Wait until the port takes connections; the seconds since the start."""
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, self.port)
            except OSError:
                if self._process.poll() is not None:
                    raise Failed(f"{self.command} ended: {self.last_words()}") from None
                if time.perf_counter() - self.started > within:
                    raise Failed(f"{self.command} is silent: {self.last_words()}") from None
                await asyncio.sleep(0.005)
            else:
                writer.close()
                return time.perf_counter() - self.started

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """MiB that are its own (proportional set size)."""
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if "Pss:" in line) / 1024

    def peak(self) -> float:
        """MiB that were resident at once at the most."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def last_words(self) -> str:
        self._said.seek(0)
        return self._said.read()[-1500:].decode(errors="replace").strip()
