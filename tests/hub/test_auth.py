"""Who is asking: proven on every request, forgotten within a second."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.access import NOBODY, Principal
from core.agents import account_by_email, remove_agent
from core.api_keys import create_key, keys, revoke_key, rotate_key
from core.crypto import Vault
from core.errors import Forbidden, TooMany, Unauthenticated
from core.ids import now_ms
from core.services import Services
from core.sessions import SEEN_EVERY_MS, end_session, note_use, sessions_of, sign_in
from core.visitors import sign_out, start_visitor
from hub import auth
from hub.auth import Authenticator, check_origin, is_foreign
from hub.settings import load_settings
from tests.people import hire, open_shop

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
HTTPS = "https://chat.example.com"
HERE = "http://127.0.0.1:8000"


def to_settings(public_url=HTTPS, **more):
    return load_settings(secret_key=KEY, public_url=public_url, **more)


def to_services(db):
    return Services(
        db=db,
        vault=Vault(KEY),
        public_url=HTTPS,
        rate_limits=True,
        signal=lambda *_: None,
        on_signal=lambda _: None,
        subscribe=db.listen,
    )


@pytest.fixture
async def authenticator(db):
    services = to_services(db)
    authenticator = Authenticator(services, to_settings())
    await authenticator.start()
    yield authenticator
    await authenticator.stop()
    await services.settle()


@pytest.fixture
async def nadia(db):
    return await db.write(open_shop)


async def make_key(db, by):
    return await db.write(create_key, by, "Worker", ["records"])


def bearer(text):
    return {"authorization": f"Bearer {text}"}


async def open_session(db, email="nadia@kestrel.example"):
    return await db.write(lambda w: sign_in(w, account_by_email(w, email).id, "", ""))


def cookie(token, name="__Host-parley_session"):
    return {"cookie": f"{name}={token}"}


# Keys -------------------------------------------------------------------------------------


async def test_D1_a_key_is_known_by_its_bearer(db, authenticator, nadia):
    made = await make_key(db, nadia)
    for header in (f"Bearer {made.text}", f"bearer  {made.text} "):
        principal = await authenticator.principal({"authorization": header})
        assert (principal.kind, principal.id) == ("key", made.key.id)
        assert principal.workspace_id == nadia.workspace_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wgk_",
        "Bearer wgk_short",
        "Bearer wgk_" + "a" * 32,
        "Bearer wgk_" + "a" * 100_000,
        "Bearer wgk_" + "é" * 32,
        "Bearer wgk_" + "a" * 31 + "\0",
        "Basic dXNlcjpwYXNz",
        "wgk_" + "a" * 32,
        "Bearer vst_" + "a" * 32,
        "Bearer xyz_" + "a" * 32,
        "Bearer wgk_" + "a" * 32 + ", Bearer wgk_" + "b" * 32,
    ],
)
async def test_D1_anything_else_in_the_header_is_refused_and_never_a_fault(authenticator, header):
    with pytest.raises(Unauthenticated):
        await authenticator.principal({"authorization": header})


async def test_D1_a_key_with_anything_around_it_is_none(db, authenticator, nadia):
    text = (await make_key(db, nadia)).text
    for header in (f"Bearer {text}!", f"Bearer {text} x", f"Basic {text}", f"Bearer x{text}", text):
        with pytest.raises(Unauthenticated):
            await authenticator.principal({"authorization": header})


@settings(deadline=None)
@given(st.text(), st.text())
def test_N1_no_header_makes_a_fault(authorization, cookies):
    class NoDatabase:
        async def read(self, *_):
            return None

    authenticator = Authenticator(to_services_of(NoDatabase()), to_settings())

    async def ask():
        assert await authenticator.principal({"cookie": cookies}) == NOBODY
        with pytest.raises((Unauthenticated, TooMany)):
            await authenticator.principal({"authorization": authorization})

    asyncio.run(ask())


def to_services_of(db):
    db.listen = lambda _: None
    return to_services(db)


async def test_T3_a_revoked_key_is_refused_at_once_although_it_was_remembered(
    db, authenticator, nadia
):
    made = await make_key(db, nadia)
    await authenticator.principal(bearer(made.text))
    await db.write(revoke_key, nadia, made.key.id)
    with pytest.raises(Unauthenticated):
        await authenticator.principal(bearer(made.text))


async def test_T3_a_revocation_that_was_not_heard_of_holds_after_a_second(db, nadia):
    made = await make_key(db, nadia)
    deaf = Authenticator(to_services(db), to_settings())  # never started: it hears nothing
    await deaf.principal(bearer(made.text))
    await db.write(revoke_key, nadia, made.key.id)
    assert await deaf.principal(bearer(made.text))  # still believed
    await asyncio.sleep(auth.BELIEVED)
    with pytest.raises(Unauthenticated):
        await deaf.principal(bearer(made.text))
    await deaf.stop()


async def test_T3_a_key_rotated_now_is_refused_at_once(db, authenticator, nadia):
    made = await make_key(db, nadia)
    await authenticator.principal(bearer(made.text))
    again = await db.write(lambda w: rotate_key(w, nadia, made.key.id, now=True))
    with pytest.raises(Unauthenticated):
        await authenticator.principal(bearer(made.text))
    assert await authenticator.principal(bearer(again.text))


async def test_a_busy_key_is_not_read_from_the_database_each_time(db, authenticator, nadia):
    made = await make_key(db, nadia)
    await authenticator.principal(bearer(made.text))
    reads = []
    original = db.read
    authenticator._services.db = type(
        "Counting", (), {"read": lambda self, *a: reads.append(a) or original(*a)}
    )()
    for _ in range(100):
        await authenticator.principal(bearer(made.text))
    authenticator._services.db = db
    assert reads == []


async def test_D2_the_last_use_is_written_soon_and_then_at_most_once_a_minute(
    db, authenticator, nadia, monkeypatch
):
    monkeypatch.setattr(auth, "NOTED_AFTER", 0.01)
    made = await make_key(db, nadia)
    before = now_ms()
    for _ in range(50):
        await authenticator.principal(bearer(made.text))
    await asyncio.sleep(0.2)

    async def last_used():
        return (await db.read(keys, nadia.workspace_id))[0].key.last_used_at

    first = await last_used()
    assert before <= first <= now_ms()
    await authenticator.principal(bearer(made.text))
    await asyncio.sleep(0.2)
    assert await last_used() == first


async def test_D2_a_use_just_before_the_stop_is_not_lost(db, nadia):
    services = to_services(db)
    authenticator = Authenticator(services, to_settings())
    made = await make_key(db, nadia)
    await authenticator.principal(bearer(made.text))
    await authenticator.stop()
    await services.settle()
    assert (await db.read(keys, nadia.workspace_id))[0].key.last_used_at


async def test_N2_guessing_keys_is_slowed_down_by_address(authenticator):
    async def guess(address):
        with pytest.raises((Unauthenticated, TooMany)) as refusal:
            await authenticator.principal(bearer("wgk_" + "a" * 32), address)
        return refusal.value.status

    seen = [await guess("192.0.2.1") for _ in range(70)]
    assert seen[:60] == [401] * 60
    assert seen[-1] == 429
    assert await guess("192.0.2.2") == 401


# Visitors ---------------------------------------------------------------------------------


async def test_V6_a_visitors_token_is_known_until_it_is_signed_out(db, authenticator, nadia):
    visitor, token = await db.write(start_visitor, nadia.workspace_id)
    principal = await authenticator.principal(bearer(token))
    assert (principal.kind, principal.id) == ("visitor", visitor.id)
    await db.write(sign_out, nadia.workspace_id, visitor.id)
    with pytest.raises(Unauthenticated):
        await authenticator.principal(bearer(token))


# Agents -----------------------------------------------------------------------------------


async def test_B7_an_agent_is_known_by_the_cookie(db, authenticator, nadia):
    opened = await open_session(db)
    assert await authenticator.principal(cookie(opened.token)) == opened.principal
    among = {"cookie": f"a=b; __Host-parley_session={opened.token}; =; c"}
    assert await authenticator.principal(among) == opened.principal


@pytest.mark.parametrize("line", ["", ";", "=", "__Host-parley_session", "__Host-parley_session="])
async def test_a_cookie_that_says_nothing_is_nobody(authenticator, line):
    assert await authenticator.principal({"cookie": line}) == NOBODY


async def test_a_dead_cookie_is_nobody_so_that_public_pages_still_open(db, authenticator, nadia):
    opened = await open_session(db)
    await db.write(end_session, opened.principal, opened.principal.session_id)
    assert await authenticator.principal(cookie(opened.token)) == NOBODY


async def test_T3_a_removed_agents_cookie_is_nobodys(db, authenticator, nadia):
    other = await db.write(hire, nadia, "ines@kestrel.example")
    opened = await open_session(db, "ines@kestrel.example")
    await db.write(remove_agent, nadia, other.id)
    assert await authenticator.principal(cookie(opened.token)) == NOBODY


async def test_a_bearer_counts_before_the_cookie(db, authenticator, nadia):
    opened = await open_session(db)
    _, token = await db.write(start_visitor, nadia.workspace_id)
    both = {**bearer(token), **cookie(opened.token)}
    assert (await authenticator.principal(both)).kind == "visitor"
    with pytest.raises(Unauthenticated):  # a wrong key is not made good by a cookie
        await authenticator.principal({**bearer("wgk_" + "a" * 32), **cookie(opened.token)})


async def test_B7_behind_https_a_cookie_without_the_host_prefix_is_ignored(
    db, authenticator, nadia
):
    opened = await open_session(db)
    tossed = cookie(opened.token, "parley_session")  # a neighbour on a subdomain could set it
    assert await authenticator.principal(tossed) == NOBODY
    for url in (HERE, "http://hub.lan:8000"):
        plain = Authenticator(to_services(db), to_settings(url))
        assert await plain.principal(tossed) == opened.principal


class Spy:
    """A database whose writes go through `write`."""

    def __init__(self, db, write):
        self.read, self.write = db.read, write


async def test_R6_the_last_use_of_a_session_is_written_at_most_once_a_minute(
    db, authenticator, nadia, monkeypatch
):
    opened = await open_session(db)

    async def seen():
        return (await db.read(sessions_of, nadia.workspace_id, nadia.id))[0].last_seen_at

    fresh = await seen()
    await authenticator.principal(cookie(opened.token))
    await asyncio.sleep(0.1)
    assert await seen() == fresh

    def age(work):
        work.connection.exec_driver_sql(
            f"UPDATE agent_sessions SET last_seen_at = {fresh - SEEN_EVERY_MS - 1000}"
        )

    await db.write(age)
    written = []

    def write(fn, *args):
        written.append(fn)
        return db.write(fn, *args)

    monkeypatch.setattr(
        authenticator, "_services", replace(authenticator._services, db=Spy(db, write))
    )
    await asyncio.gather(*(authenticator.principal(cookie(opened.token)) for _ in range(5)))
    await asyncio.sleep(0.1)
    assert await seen() >= fresh
    assert written == [note_use]


# Cookies ----------------------------------------------------------------------------------

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


@pytest.mark.parametrize(
    ("public_url", "host", "browser", "secure"),
    [
        (HTTPS, "chat.example.com", CHROME, True),
        (HTTPS, "chat.example.com", SAFARI, True),
        (HTTPS, "127.0.0.1:8000", "", True),
        (HERE, "127.0.0.1:8000", CHROME, True),
        (HERE, "localhost:8000", "", True),
        (HERE, "localhost:8000", SAFARI, False),
        (HERE, "192.168.1.5:8000", CHROME, False),
        (HERE, "[", CHROME, False),
        ("http://hub.lan", "hub.lan", CHROME, False),
    ],
)
def test_B7_the_cookie_is_as_strict_as_the_browser_allows(public_url, host, browser, secure):
    class NoDatabase:
        pass

    authenticator = Authenticator(to_services_of(NoDatabase()), to_settings(public_url))
    line = authenticator.cookie("t0ken", {"host": host, "user-agent": browser})
    name, _, attributes = line.partition("; ")
    assert name == ("__Host-parley_session=t0ken" if secure else "parley_session=t0ken")
    expected = {"Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=7776000"}
    assert set(attributes.split("; ")) == expected | ({"Secure"} if secure else set())
    gone = authenticator.no_cookie({"host": host, "user-agent": browser})
    assert gone.startswith(name.removesuffix("t0ken") + ";")
    assert "Max-Age=0" in gone


# Other sites ------------------------------------------------------------------------------

AGENT = Principal("agent", workspace_id="wsp_1", id="agt_1")
OWN = {"host": "chat.example.com", "origin": HTTPS}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": HTTPS},
        {"origin": HTTPS},
        OWN,
        {"host": "127.0.0.1:8000", "origin": HERE},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_B7_our_own_pages_may_change_things(method, headers):
    check_origin(method, headers, to_settings(), AGENT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", **OWN},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "http://chat.example.com", "host": "hub:8000"},
        {"origin": "https://chat.example.com.evil.example"},
        {"origin": "https://chat.example.com:8443"},
        {"origin": "https://evil.example", "host": "chat.example.com"},
        {"origin": "http://["},
        {"origin": "https://", "host": ""},
        {"referer": HTTPS},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_B7_another_sites_page_may_not_use_the_cookie(method, headers):
    with pytest.raises(Forbidden):
        check_origin(method, headers, to_settings(), AGENT)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_B7_reading_needs_no_proof_of_origin(method):
    check_origin(method, {"sec-fetch-site": "cross-site"}, to_settings(), AGENT)


def test_B7_a_key_and_a_token_are_no_cookie():
    for kind in ("key", "visitor", "public"):
        check_origin("POST", {"origin": "https://evil.example"}, to_settings(), Principal(kind))


def test_B7_a_program_is_not_foreign_but_another_site_is():
    assert not is_foreign({}, HTTPS)
    assert not is_foreign(OWN, HTTPS)
    assert is_foreign({"origin": "https://evil.example"}, HTTPS)
    assert is_foreign({"sec-fetch-site": "cross-site"}, HTTPS)
