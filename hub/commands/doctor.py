"""`hub doctor`: looks at the whole set-up and says what to mend."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import stat
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import click

from core import inbox, jobs, migrations
from core.crypto import CannotOpen, Vault
from core.db import Database, Work, open_database
from core.identity_secrets import valid_secrets
from core.workspaces import workspaces
from hub.commands.progress import size
from hub.commands.tools import json_option, print_json
from hub.settings import KEY_FILE, Settings, SettingsError, load_settings

Level = Literal["ok", "warn", "problem"]

SCARCE, LITTLE = 200_000_000, 2_000_000_000  # bytes of disk: no longer safe, and soon so
SLOW = 0.05  # seconds for one durable commit, of which every message waits for one
SOCKETS = 4096  # open files for as many browsers
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}
COLOURS = {"ok": "green", "warn": "yellow", "problem": "red"}


class Finding(NamedTuple):
    """What one look found; `text` of anything but ok says what to do."""

    level: Level
    part: str
    text: str


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check the set-up: settings, key, database, disk, plugins, and a hub that runs.

    Exit code 1 if there is a problem. Nothing is changed.
    """
    found = asyncio.run(_collected(say=not as_json))
    problems = sum(finding.level == "problem" for finding in found)
    if as_json:
        print_json({"ok": not problems, "findings": [one._asdict() for one in found]})
    else:
        warnings = sum(finding.level == "warn" for finding in found)
        click.echo(f"\n{problems} problems, {warnings} warnings.")
    sys.exit(1 if problems else 0)


async def _collected(*, say: bool) -> list[Finding]:
    found = []
    async for finding in examine():
        found.append(finding)
        if say:
            level = click.style(f"{finding.level:<8}", fg=COLOURS[finding.level])
            click.echo(f"{level} {finding.part:<10} {finding.text}")
    return found


async def examine() -> AsyncIterator[Finding]:
    """Every finding, in the order in which they are worth mending."""
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("problem", "settings", str(error))
        return
    for finding in (*_settings(settings), *_key(settings), *_machine(settings)):
        yield finding
    async for finding in _database(settings):
        yield finding
    for finding in _plugins():
        yield finding
    yield await asyncio.to_thread(_running_hub, settings)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("ok", "settings", f"{settings.public_url}, data in {settings.data_dir}")
    for concern in settings.concerns():
        yield Finding("warn", "settings", concern)
    if not settings.smtp_url:
        yield Finding("ok", "mail", "No SMTP_URL: the hub sends no e-mail, so no sign-in codes.")
    if settings.is_secure and settings.public_url.startswith("https:"):
        if not settings.trusted_proxies and settings.host not in ("127.0.0.1", "::1"):
            text = "Set TRUSTED_PROXIES to your proxy's address, or it counts as every visitor."
            yield Finding("warn", "proxy", text)
        yield Finding("ok", "cookies", "Secure cookies (https).")


def _key(settings: Settings) -> Iterator[Finding]:
    if not settings.key_is_in_file:
        yield Finding("ok", "key", "SECRET_KEY is set in the environment.")
        return
    path = settings.data_dir / KEY_FILE
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        text = f"Others on this machine can read {path}: chmod 600 {path}"
        yield Finding("problem", "key", text)
    else:
        yield Finding("ok", "key", f"{path}, readable by you alone. Keep a copy elsewhere.")


def _machine(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free
    level: Level = "problem" if free < SCARCE else "warn" if free < LITTLE else "ok"
    advice = "" if level == "ok" else ": make room before nothing can be saved"
    yield Finding(level, "disk", f"{size(free)} free in {settings.data_dir}{advice}.")
    if not os.access(settings.data_dir, os.W_OK):
        text = f"{settings.data_dir} cannot be written: it must belong to the hub's user."
        yield Finding("problem", "disk", text)
    if settings.database_url.startswith("sqlite") and _disk_kind(settings) in NETWORK_DISKS:
        text = "SQLite on a network disk loses data: use a local disk, or PostgreSQL."
        yield Finding("problem", "disk", text)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < SOCKETS:
        text = f"Only {most} open files are allowed, one a browser: ulimit -Hn 65536"
        yield Finding("warn", "sockets", text)


def _disk_kind(settings: Settings) -> str:
    """The file system the data are on, where Linux tells."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    where = settings.data_dir.resolve()
    kinds = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    above = [(len(place), kind) for place, kind in kinds if where.is_relative_to(place)]
    return max(above)[1] if above else ""


# The database ---------------------------------------------------------------------------------


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    url = settings.database_url
    try:
        revision = await migrations.revision(url)
        if revision is None:
            text = "Empty; hub serve makes the tables when it starts."
            yield Finding("warn", "database", text)
            return
        async with _opened(url) as database:  # which refuses what is not durable
            async for finding in _contents(database, settings, revision):
                yield finding
            yield await _commit_time(database)
    except Exception as error:
        text = " ".join(str(getattr(error, "orig", error)).split())
        yield Finding("problem", "database", f"{type(error).__name__}: {text}")


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    try:
        await database.start()
        yield database
    finally:
        await database.stop()


async def _contents(
    database: Database, settings: Settings, revision: str
) -> AsyncIterator[Finding]:
    if revision == migrations.HEAD:
        yield Finding("ok", "schema", revision)
    elif revision in migrations.known():
        yield Finding("warn", "schema", f"{revision}; run hub migrate, or start hub serve.")
    else:
        text = f"{revision} is from a newer Parley: start that one, or restore a backup."
        yield Finding("problem", "schema", text)
        return
    yield await database.read(_secrets, Vault(settings.secret_key))
    for name, queue in (("webhooks", inbox.queue), ("jobs", jobs.queue)):
        depths = await database.read(queue.depths)
        if depths["dead"]:
            text = f"{depths['dead']} were given up: hub replay shows why."
            yield Finding("warn", name, text)
        elif depths["late_ms"] > 60_000:
            late = depths["late_ms"] // 1000
            text = f"{depths['waiting']} wait, the oldest for {late} s: does a hub run?"
            yield Finding("warn", name, text)


def _secrets(work: Work, vault: Vault) -> Finding:
    """Whether the key opens what is sealed, in every workspace."""
    known = workspaces(work)
    for one in known:
        try:
            valid_secrets(work, vault, one.id)
        except CannotOpen:
            text = (
                f"The secrets of “{one.name}” were sealed under another SECRET_KEY: set the one "
                "this database was used with."
            )
            return Finding("problem", "secrets", text)
    return Finding("ok", "secrets", f"The key opens those of {len(known)} workspaces.")


async def _commit_time(database: Database) -> Finding:
    def touch(work: Work) -> None:
        jobs.tick(work, "hub.doctor", work.now)
        work.execute(jobs.table.delete().where(jobs.table.c.name == "hub.doctor"))

    times = []
    for _ in range(5):
        began = time.monotonic()
        await database.write(touch)
        times.append(time.monotonic() - began)
    middle = sorted(times)[2]
    kind = {"sqlite": "SQLite, synchronous=FULL", "postgresql": "PostgreSQL"}[database.dialect]
    text = f"{kind}; a durable commit takes {middle * 1000:.1f} ms"
    if middle > SLOW:
        return Finding("warn", "database", f"{text}: use a faster disk.")
    return Finding("ok", "database", f"{text}.")


# Plugins, and a hub that runs -----------------------------------------------------------------


def _plugins() -> Iterator[Finding]:
    from hub.plugins import PluginError, load_plugins, plugins_file

    try:
        loaded = list(load_plugins(plugins_file()))
    except PluginError as error:
        yield Finding("problem", "plugins", f"{error}. See PLUGINS and plugins.toml.")
        return
    names = ", ".join(one.name for one in loaded)
    yield Finding("ok", "plugins", names or "none are switched on")
    for one in loaded:
        for concern in getattr(one.settings, "concerns", list)():
            yield Finding("warn", one.name, concern)


# Not through the proxy that the environment may name: it cannot reach this machine's own ports.
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _running_hub(settings: Settings) -> Finding:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    address = f"http://{host}:{settings.port}/readyz"
    try:
        with _DIRECTLY.open(address, timeout=5) as answer:
            parts = json.load(answer)["parts"]
    except urllib.error.HTTPError as refused:
        parts = json.load(refused).get("parts", [])
        ill = "; ".join(f"{one['part']}: {one['detail']}" for one in parts if not one["ok"])
        return Finding("problem", "running", f"{address} is not ready. {ill}")
    except (OSError, ValueError, KeyError):
        return Finding("ok", "running", f"No hub answers at {address}; start one with hub serve.")
    return Finding("ok", "running", f"{address}: {len(parts)} parts are well.")
