"""Metrics: what the hub counts for Prometheus; never a label that names a tenant or a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

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


def render() -> bytes:
    """The text a Prometheus server reads."""
    return generate_latest(REGISTRY)
