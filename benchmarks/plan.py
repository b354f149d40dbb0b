"""How long each phase lasts and how often: the full run, and the quick one that tests use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    warm: float  # seconds of closed loop thrown away after every start
    phase: float  # seconds each measured phase lasts
    drain: float  # seconds to wait for what is still under way
    pairs: int = 100
    rate: int = 1000  # messages/s of the open loop
    sockets: int = 5000  # idle ones
    products: int = 100_000


FULL = Plan(rounds=3, warm=1.5, phase=2.5, drain=1.5)
INGEST = Plan(rounds=3, warm=1.0, phase=1.8, drain=1.0)
CATALOG = Plan(rounds=1, warm=0, phase=3.0, drain=0)
QUICK = Plan(rounds=1, warm=0.2, phase=0.4, drain=0.5, pairs=20, sockets=200, products=3_000)
