"""Vocabulary: the words of a workspace's catalog, to see what a mistyped one may have meant."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from threading import Lock

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.db import Work
from core.product_finder import recent_titles

TITLES = 20_000  # of the newest products
WORDS = 20_000  # of one workspace, the most frequent
KEPT = 400_000  # of all workspaces together
AGE = 300.0  # seconds until the catalog is read again
SHORTEST = 4  # letters of a word that may be mistyped
LONG = 8  # letters of a word that may have two errors


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A catalog's words, by how many products have them."""

    words: dict[str, int]
    by_letter: dict[str, list[str]]
    read_at: float

    def nearest(self, word: str) -> str | None:
        """The word that was probably meant; None for one that is known, or like none."""
        if len(word) < SHORTEST or word in self.words or any(one.isdigit() for one in word):
            return None
        choices = self.by_letter.get(word[0], [])
        most = 2 if len(word) >= LONG else 1
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=most, limit=5)
        best = min(found, key=lambda one: (one[1], -self.words[one[0]]), default=None)
        return best[0] if best else None


_kept: OrderedDict[str, Vocabulary] = OrderedDict()
_lock = Lock()


def vocabulary(work: Work, workspace_id: str) -> Vocabulary:
    """The workspace's vocabulary, at most five minutes old."""
    with _lock:
        known = _kept.get(workspace_id)
        if known is not None and time.monotonic() - known.read_at < AGE:
            _kept.move_to_end(workspace_id)
            return known
    fresh = _read(work, workspace_id)
    with _lock:
        _kept[workspace_id] = fresh
        _kept.move_to_end(workspace_id)
        while len(_kept) > 1 and sum(len(one.words) for one in _kept.values()) > KEPT:
            _kept.popitem(last=False)
    return fresh


def forget(workspace_id: str) -> None:
    """Have the catalog read again when it is next needed."""
    with _lock:
        _kept.pop(workspace_id, None)


def _read(work: Work, workspace_id: str) -> Vocabulary:
    counts: Counter[str] = Counter()
    for title in recent_titles(work, workspace_id, TITLES):
        counts.update(set(title.split()))
    words = {word: count for word, count in counts.most_common(WORDS) if len(word) >= SHORTEST}
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[0], []).append(word)
    return Vocabulary(words, by_letter, time.monotonic())
