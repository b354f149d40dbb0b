"""A process that has loaded the hub, and at each line it reads becomes the parent of a new one.

To load the hub takes a hundred times as long as to fork; a hub that was forked is a process like
any other, with its own connections, files and threads, and is killed like any other.
"""

from __future__ import annotations

import os
import sys
import traceback

from hub.cli import main
from hub.commands import serve  # noqa: F401 (loaded for the hubs to come)
from hub.plugins import load_plugins, plugins_file


def run() -> None:
    """Write each new hub's process id, and a line more when it has ended."""
    load_plugins(plugins_file())
    while sys.stdin.readline():
        hub = os.fork()
        if hub == 0:
            _serve()
        print(hub, flush=True)  # noqa: T201 (the harness reads it)
        _, status = os.waitpid(hub, 0)
        print("ended", status, flush=True)  # noqa: T201


def _serve() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for ours in (0, 1):  # the harness talks to our parent there
        os.dup2(nothing, ours)
    code: object = 1
    try:
        main(["serve"])
    except SystemExit as end:
        code = end.code
    except Exception:
        traceback.print_exc()
    os._exit(code if isinstance(code, int) else 1)  # the rest is our parent's


if __name__ == "__main__":
    run()
