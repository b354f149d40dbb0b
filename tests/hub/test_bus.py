"""The bus: every process hears every event, once and in order, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
from collections import defaultdict

import pytest
from sqlalchemy import make_url

from connectors.testing.patience import until
from core.db import open_database
from core.events import WidgetSeen
from core.workspaces import create_workspace
from hub.bus import Bus

# A hub process reduced to its bus: writes when told to, prints what it hears.
PROCESS = textwrap.dedent("""
    import asyncio, json, sys
    from core.db import open_database
    from core.events import WidgetSeen
    from hub.bus import Bus

    def see(work, shop, path):
        work.announce(shop, WidgetSeen(widget="w", host="h", path=path))

    async def main(url, name):
        db = open_database(url)
        await db.start()
        bus = Bus(db)
        heard = []
        bus.subscribe(lambda entries: heard.extend(
            (entry.workspace_id, entry.seq, entry.event.path) for entry in entries
        ))
        signals = []
        bus.on_signal(lambda workspace, payload: signals.append((workspace, payload.decode())))
        await bus.start()
        while db.dialect == "postgresql" and not bus.connected:
            await asyncio.sleep(0.01)
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            order = json.loads(line)
            match order["do"]:
                case "write":
                    for start in range(0, order["count"], 20):
                        await asyncio.gather(*(
                            db.write(see, shop, f"{name}{n}")
                            for n in range(start, start + 20) for shop in order["shops"]
                        ))
                    print(json.dumps("written"), flush=True)
                case "signal":
                    bus.signal(order["shop"], order["text"].encode())
                case "tell":
                    print(json.dumps({"heard": heard, "signals": signals}), flush=True)
        await bus.stop()
        await db.stop()

    asyncio.run(main(*sys.argv[1:]))
    """)


class Process:
    def __init__(self, url, name):
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self):
        assert self._process.stdout.readline() == "ready\n"

    def order(self, do, **more):
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()

    def answer(self):
        return json.loads(self._process.stdout.readline())

    async def told(self):
        self.order("tell")
        return await asyncio.to_thread(self.answer)

    def end(self):
        self._process.communicate(timeout=20)


def see(work, shop, path):
    work.announce(shop, WidgetSeen(widget="w", host="h", path=path))


@pytest.fixture
async def shops(db):
    return [(await db.write(create_workspace, name)).id for name in ("Tea", "Coffee")]


def is_whole(heard, shops, count):
    """Whether each shop's events came once each, in order, none left out."""
    by_shop = defaultdict(list)
    for shop, seq, _ in heard:
        by_shop[shop].append(seq)
    return all(by_shop[shop] == list(range(1, count + 1)) for shop in shops)


@pytest.mark.parametrize("breaking", [False, True], ids=["undisturbed", "connections are killed"])
async def test_R7_two_processes_hear_every_event_once_and_in_order(
    db, database_url, shops, postgres, breaking
):
    if breaking and db.dialect == "sqlite":
        breaking = False  # there is no connection to kill; two processes write one file
    processes = [Process(database_url, name) for name in "ab"]
    await asyncio.gather(*(asyncio.to_thread(process.ready) for process in processes))
    each = 200
    for process in processes:
        process.order("write", shops=shops, count=each)
    written = asyncio.gather(*(asyncio.to_thread(process.answer) for process in processes))
    if breaking:
        name = make_url(database_url).database
        listening = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND query LIKE 'LISTEN%'"
        )
        killed = 0
        while not written.done():
            await asyncio.sleep(0.3)
            killed += len((await asyncio.to_thread(postgres.sql, listening)).split())
        assert killed >= 2
    await written
    for process in processes:

        async def heard_all(process=process):
            heard = (await process.told())["heard"]
            return len(heard) >= 2 * each * len(shops)

        await until(heard_all, 20)
        heard = (await process.told())["heard"]
        assert len(heard) == 2 * each * len(shops)
        assert is_whole(heard, shops, 2 * each)
        process.end()


@pytest.mark.postgres
async def test_R7_signals_reach_every_process_once_and_large_ones_only_their_own(postgres_url):
    shop = "wsp_1"
    processes = [Process(postgres_url, name) for name in "ab"]
    await asyncio.gather(*(asyncio.to_thread(process.ready) for process in processes))
    processes[0].order("signal", shop=shop, text='{"typing": "ä"}')
    processes[0].order("signal", shop=shop, text="x" * 8_000)
    processes[1].order("signal", shop=shop, text="two")
    for process in processes:

        async def heard_both(process=process):
            return len((await process.told())["signals"]) >= 2

        await until(heard_both)
    await asyncio.sleep(0.2)
    typing, large, two = [shop, '{"typing": "ä"}'], [shop, "x" * 8_000], [shop, "two"]
    first, second = [(await process.told())["signals"] for process in processes]
    assert sorted(first) == sorted([typing, large, two])
    assert sorted(second) == sorted([typing, two])
    for process in processes:
        process.end()


async def test_own_events_are_told_at_once(db, shops):
    bus, heard = Bus(db), []
    bus.subscribe(lambda entries: heard.extend(entry.seq for entry in entries))
    await bus.start()
    for number in range(5):
        await db.write(see, shops[0], str(number))
        await until(lambda number=number: heard == list(range(1, number + 2)), 0.3)
    await bus.stop()


async def test_what_was_committed_before_the_start_is_not_told_again(db, shops):
    await db.write(see, shops[0], "before")
    bus, heard = Bus(db), []
    bus.subscribe(lambda entries: heard.extend(entry.event.path for entry in entries))
    await bus.start()
    await db.write(see, shops[0], "after")
    await until(lambda: heard == ["after"])
    await bus.stop()


async def test_a_workspace_made_by_another_process_is_heard_of_from_its_first_event(
    db, database_url, monkeypatch
):
    bus, heard = Bus(db), []
    bus.subscribe(lambda entries: heard.extend(entry.event.path for entry in entries))
    await bus.start()
    other = open_database(database_url)
    await other.start()
    shop = await other.write(create_workspace, "New")
    await other.write(see, shop.id, "first")
    await until(lambda: heard == ["first"])
    await other.stop()
    await bus.stop()


async def test_far_behind_it_catches_up_part_by_part(db, database_url, shops, monkeypatch):
    monkeypatch.setattr("hub.bus.PART", 7)
    bus, heard = Bus(db), []
    bus.subscribe(lambda entries: heard.extend(entry.seq for entry in entries))
    await bus.start()
    other = open_database(database_url)
    await other.start()

    def see_many(work):
        for number in range(50):
            see(work, shops[0], str(number))

    await other.write(see_many)
    await db.write(see, shops[0], "own, after a gap")
    await until(lambda: len(heard) == 51)
    assert heard == list(range(1, 52))
    await other.stop()
    await bus.stop()


async def test_a_listener_that_fails_keeps_nothing_from_the_others(db, shops):
    bus, heard = Bus(db), []

    def fail(entries):
        raise RuntimeError("one plugin's fault")

    bus.subscribe(fail)
    bus.subscribe(lambda entries: heard.extend(entry.seq for entry in entries))
    await bus.start()
    await db.write(see, shops[0], "/1")
    await db.write(see, shops[0], "/2")
    await until(lambda: heard == [1, 2])
    await bus.stop()


async def test_own_commits_that_are_told_out_of_order_are_put_in_order(db, shops):
    """On PostgreSQL two units' answers may overtake each other on the way from the commit."""
    bus, heard = Bus(db), []
    bus.subscribe(lambda entries: heard.extend(entry.seq for entry in entries))
    await bus.start()
    real = []
    db._listeners.remove(bus._take_own)
    db.listen(real.append)
    await db.write(see, shops[0], "/1")
    await db.write(see, shops[0], "/2")
    await until(lambda: len(real) == 2)
    bus._take_own(real[1])
    bus._take_own(real[0])
    await until(lambda: len(heard) == 2)
    assert heard == [1, 2]
    await bus.stop()
