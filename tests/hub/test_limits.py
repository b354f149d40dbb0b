"""Limits: who may call how often, and what they are told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.access import NOBODY, Principal
from core.errors import TooMany
from hub.limits import RATES, SWEEP, Limiter, to_network


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limiter(clock):
    return Limiter(SimpleNamespace(rate_limits=True), clock)


KEY = Principal("key", workspace_id="wsp_1", id="key_1")


def test_N2_a_key_may_send_100_at_once_and_100_a_second_from_then_on(limiter, clock):
    for sent in range(100):
        headers = limiter.check("ingest", KEY, "192.0.2.1")
        assert headers["ratelimit-limit"] == "100"
        assert headers["ratelimit-remaining"] == str(99 - sent)
    with pytest.raises(TooMany) as refusal:
        limiter.check("ingest", KEY, "192.0.2.1")
    assert refusal.value.retry_after == 1
    for _ in range(300):
        clock.now += 0.01
        limiter.check("ingest", KEY, "192.0.2.1")
    clock.now += 0.5
    for _ in range(50):
        limiter.check("ingest", KEY, "192.0.2.1")
    with pytest.raises(TooMany):
        limiter.check("ingest", KEY, "192.0.2.1")


def test_N2_a_refused_call_costs_nothing(limiter, clock):
    for _ in range(100):
        limiter.check("ingest", KEY, "")
    for _ in range(1000):
        with pytest.raises(TooMany):
            limiter.check("ingest", KEY, "")
    clock.now += 1
    assert limiter.check("ingest", KEY, "")["ratelimit-remaining"] == "99"


def test_D13_the_headers_say_how_many_are_left_and_when_all_are_back(limiter, clock):
    for _ in range(50):
        headers = limiter.check("default", KEY, "")
    assert headers == {
        "ratelimit-limit": "200",
        "ratelimit-remaining": "150",
        "ratelimit-reset": "3",
    }


def test_N2_callers_do_not_share_a_bucket_and_neither_do_rates(limiter):
    others = [
        Principal("key", workspace_id="wsp_1", id="key_2"),
        Principal("key", workspace_id="wsp_2", id="key_1"),
        NOBODY,
    ]
    for _ in range(100):
        limiter.check("ingest", KEY, "192.0.2.1")
    for other in others:
        assert limiter.check("ingest", other, "192.0.2.1")["ratelimit-remaining"] == "99"
    assert limiter.check("default", KEY, "192.0.2.1")["ratelimit-remaining"] == "199"


def test_N2_public_routes_are_limited_by_address_whoever_asks(limiter):
    for number in range(RATES["session"].burst):
        limiter.check("session", Principal("visitor", "wsp_1", f"vis_{number}"), "192.0.2.1")
    with pytest.raises(TooMany):
        limiter.check("session", NOBODY, "192.0.2.1")
    limiter.check("session", NOBODY, "192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("not:an:address", "not:an:address", True),
    ],
)
def test_N2_one_customers_ipv6_addresses_are_one_caller(one, other, same):
    assert (to_network(one) == to_network(other)) is same


def test_the_limiter_forgets_callers_who_are_quiet(limiter, clock):
    for number in range(SWEEP):
        limiter.check("default", NOBODY, f"10.0.{number >> 8}.{number & 255}")
    clock.now += 60
    limiter.check("default", NOBODY, "192.0.2.1")
    assert len(limiter._full_at) == 1


def test_limits_can_be_switched_off_for_measurements():
    limiter = Limiter(SimpleNamespace(rate_limits=False))
    assert [limiter.check("ingest", KEY, "") for _ in range(1000)] == [{}] * 1000
