"""Presence: which agents are online, and which conversations they have open.

Each process tells the others what it sees, whenever it changes and every 20 seconds; a process
that falls silent is forgotten. Nothing of it is stored: it is true only now.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

from chat.protocol import Looking, Presence
from chat.rooms import Rooms, Screen
from core.ids import random_text
from core.services import Services
from core.views import Person

BEAT = 20.0  # seconds between reports
SILENT = 3 * BEAT
LINGER = 10.0  # a reload does not make an agent go offline and online again

_encode = msgspec.json.encode


class Seen(msgspec.Struct, kw_only=True):
    """What one process sees of a workspace."""

    process: str
    agents: list[Person]
    looking: dict[str, list[str]]  # conversation → ids of the agents who have it open


class _Signal(msgspec.Struct, tag="presence", kw_only=True):
    seen: Seen


@dataclass(slots=True)
class _Workspace:
    by_process: dict[str, tuple[float, Seen]] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    looked: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Presences:
    """Who is online in every workspace, as far as this process knows."""

    def __init__(self, services: Services, rooms: Rooms) -> None:
        self._services = services
        self._rooms = rooms
        self._process = random_text(8)
        self._here: dict[str, dict[str, tuple[Person, int]]] = defaultdict(dict)
        self._open: dict[str, dict[Screen, str]] = defaultdict(dict)
        self._known: dict[str, _Workspace] = defaultdict(_Workspace)
        services.on_signal(self._hear)

    def online(self, workspace_id: str) -> tuple[Person, ...]:
        """The agents who are online, by name."""
        persons: dict[str, Person] = {}
        for _, seen in self._known[workspace_id].by_process.values():
            persons.update((person.id, person) for person in seen.agents)
        return tuple(sorted(persons.values(), key=lambda person: person.name))

    def came(self, screen: Screen) -> None:
        """An agent has opened a screen."""
        here = self._here[screen.principal.workspace_id]
        principal = screen.principal
        person = Person(id=principal.id, name=principal.name, avatar_url=principal.avatar_url)
        _, count = here.get(principal.id, (person, 0))
        here[principal.id] = (person, count + 1)
        self._report(principal.workspace_id)

    def left(self, screen: Screen) -> None:
        """An agent has closed a screen; a moment later they are offline, unless they are back."""
        workspace_id = screen.principal.workspace_id
        if self._open[workspace_id].pop(screen, None):
            self._report(workspace_id)
        loop = asyncio.get_running_loop()
        loop.call_later(LINGER, self._gone, workspace_id, screen.principal.id)

    def _gone(self, workspace_id: str, agent_id: str) -> None:
        here = self._here[workspace_id]
        person, count = here.pop(agent_id)
        if count > 1:
            here[agent_id] = (person, count - 1)
        else:
            self._report(workspace_id)

    def look(self, screen: Screen, conversation_id: str | None) -> None:
        """An agent has this conversation open now, or none."""
        workspace_id = screen.principal.workspace_id
        if conversation_id is None:
            self._open[workspace_id].pop(screen, None)
        else:
            self._open[workspace_id][screen] = conversation_id
        self._report(workspace_id)

    async def beat_forever(self) -> None:
        """Report regularly and forget processes that have fallen silent."""
        while True:
            await asyncio.sleep(BEAT)
            for workspace_id in list(self._here):
                self._report(workspace_id)
            for workspace_id in list(self._known):
                self._tell(workspace_id)

    def _report(self, workspace_id: str) -> None:
        looking: dict[str, list[str]] = defaultdict(list)
        for screen, conversation_id in self._open[workspace_id].items():
            looking[conversation_id].append(screen.principal.id)
        persons = [person for person, _ in self._here[workspace_id].values()]
        seen = Seen(process=self._process, agents=persons, looking=looking)
        self._services.signal(workspace_id, _encode(_Signal(seen=seen)))

    def _hear(self, workspace_id: str, payload: bytes) -> None:
        try:
            seen = msgspec.json.decode(payload, type=_Signal).seen
        except msgspec.ValidationError:
            return  # another kind of signal
        self._known[workspace_id].by_process[seen.process] = (time.monotonic(), seen)
        self._tell(workspace_id)

    def _tell(self, workspace_id: str) -> None:
        """Tell the screens what has changed since they were last told."""
        known = self._known[workspace_id]
        now = time.monotonic()
        for process, (heard, _) in list(known.by_process.items()):
            if process != self._process and now - heard > SILENT:
                del known.by_process[process]
        agents = self.online(workspace_id)
        ids = tuple(person.id for person in agents)
        if ids != known.told:
            known.told = ids
            frame = _encode(Presence(online=bool(agents), agents=agents)).decode()
            for screen in (*self._rooms.agents(workspace_id), *self._rooms.visitors(workspace_id)):
                screen.push(frame)
        self._tell_looking(workspace_id, known, {person.id: person for person in agents})

    def _tell_looking(
        self, workspace_id: str, known: _Workspace, persons: dict[str, Person]
    ) -> None:
        looked: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for _, seen in known.by_process.values():
            for conversation_id, there in seen.looking.items():
                looked[conversation_id] = tuple(sorted({*looked[conversation_id], *there}))
        for conversation_id in {*looked, *known.looked}:
            ids = looked.get(conversation_id, ())
            if ids == known.looked.get(conversation_id, ()):
                continue
            agents = tuple(persons[id_] for id_ in ids if id_ in persons)
            frame = _encode(Looking(conversation=conversation_id, agents=agents)).decode()
            for screen in self._rooms.agents(workspace_id):
                screen.push(frame)
        known.looked = dict(looked)
