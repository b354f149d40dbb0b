"""Metrics: what the hub counts for Prometheus; never a label that names a tenant or a person."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

_requests = Counter(
    "parley_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
_seconds = Histogram(
    "parley_request_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
    registry=REGISTRY,
)
_events = Counter("parley_events", "Events committed and told.", registry=REGISTRY)
_signals_dropped = Counter(
    "parley_signals_dropped", "Signals too large to be passed on.", registry=REGISTRY
)

_work = Gauge("parley_work", "Webhooks and jobs, by state.", ["queue", "state"], registry=REGISTRY)
_late = Gauge(
    "parley_work_late_seconds", "Age of the oldest that is due.", ["queue"], registry=REGISTRY
)


def request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is the declared path, never the address asked for."""
    _requests.labels(method, route, status).inc()
    _seconds.labels(route).observe(seconds)


def events(count: int) -> None:
    """Count events that were told."""
    _events.inc(count)


def signal_dropped() -> None:
    """Count a signal that could not be passed on."""
    _signals_dropped.inc()


def queue(name: str, depths: Mapping[str, int]) -> None:
    """Note how much waits, is at work and was given up, and for how long."""
    for state in ("waiting", "working", "dead"):
        _work.labels(name, state).set(depths[state])
    _late.labels(name).set(depths["late_ms"] / 1000)


def render() -> bytes:
    """The text a Prometheus server reads."""
    return generate_latest(REGISTRY)
