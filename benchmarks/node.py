"""The Node peers: found, or installed from their lock file the first time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PEERS = Path(__file__).with_name("peers")


class NoNode(Exception):
    """There is no Node here, so the peers that need it are left out."""


def command(script: str, *arguments: str) -> list[str]:
    node = shutil.which("node")
    if node is None:
        raise NoNode("no node: the peers that run on it are LEFT OUT, with every ratio to them")
    return [node, str(PEERS / script), *arguments]


def ready() -> None:
    """Install what the peers need, once; better-sqlite3 may have to be compiled."""
    command("chat.mjs")
    if (PEERS / "node_modules" / ".package-lock.json").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NoNode("no npm: the peers that run on node are LEFT OUT")
    print("installing the peers (once) …", flush=True)
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=PEERS, check=True)


def version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    return subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
