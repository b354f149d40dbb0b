"""Kept: what was read live of orders, for a minute, in memory and within bounds."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from typing import NamedTuple

from core.views import OrderDetails

SECONDS = 60.0
MOST = 2_000  # answers

Question = tuple[str, str, str, int]  # connection, "order" or "customer", the shop's id, how many


class Answer(NamedTuple):
    """What a shop answered, and until when that is good enough."""

    until: float
    orders: tuple[OrderDetails, ...]


class Kept:
    """The last answers. Whoever hears that an order has changed forgets all that show it."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._showing: defaultdict[tuple[str, str], set[Question]] = defaultdict(set)

    def get(self, question: Question) -> tuple[OrderDetails, ...] | None:
        """The orders, if they were read less than a minute ago."""
        found = self._answers.get(question)
        return found.orders if found is not None and found.until > time.monotonic() else None

    def put(self, question: Question, orders: tuple[OrderDetails, ...]) -> None:
        """Keep an answer in place of the one before."""
        self._drop(question)
        self._answers[question] = Answer(time.monotonic() + SECONDS, orders)
        for name in _names(question, orders):
            self._showing[name].add(question)
        while len(self._answers) > MOST:
            self._drop(next(iter(self._answers)))

    def forget(self, kind: str, external_id: str) -> None:
        """Drop what shows an order, or the orders of a customer; of whichever shop."""
        for question in list(self._showing.get((kind, external_id), ())):
            self._drop(question)

    def _drop(self, question: Question) -> None:
        answer = self._answers.pop(question, None)
        for name in _names(question, answer.orders if answer else ()):
            self._showing[name].discard(question)
            if not self._showing[name]:
                del self._showing[name]


def _names(question: Question, orders: tuple[OrderDetails, ...]) -> set[tuple[str, str]]:
    return {question[1:3], *(("order", order.reference) for order in orders)}
