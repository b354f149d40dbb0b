"""The console's HTTP API through the front door: signing in, sessions, team, keys, install."""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from connectors.testing.hubs import PASSWORD, serve
from core.access import Role
from core.agents import account_by_email, add_agent, change_role, remove_agent
from core.audit import audit_entries, operator
from core.sessions import make_link
from tests.databases import started

OWNER = "kestrel@shop.example"


async def sign_in(hub, email=OWNER, password=PASSWORD, **headers):
    return await hub.http.post(
        "/console/api/session", json={"email": email, "password": password}, headers=headers
    )


def cookie_of(answer):
    return answer.headers["set-cookie"].partition(";")[0]


async def ask(hub, method, path, cookie, body=None, **headers):
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", **headers}
    return await hub.http.request(method, path, json=body, headers=headers)


async def audited(hub, shop):
    entries = await hub.hub.db.read(audit_entries, shop.workspace_id)
    return [entry.action for entry in entries]


# Signing in -------------------------------------------------------------------------------


async def test_R6_an_agent_signs_in_and_out(hub, shop):
    answer = await sign_in(hub, OWNER.upper())
    assert answer.status_code == 200
    me = answer.json()
    assert me["agent"]["email"] == OWNER
    assert me["agent"]["role"] == "owner"
    assert me["workspace"] == {
        "id": shop.workspace_id,
        "name": "Kestrel",
        "app_id": shop.made.app_id,
    }
    cookie = cookie_of(answer)
    assert cookie.startswith("__Host-parley_session=")
    assert (await ask(hub, "GET", "/console/api/me", cookie)).json() == me

    out = await ask(hub, "DELETE", "/console/api/session", cookie)
    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert (await ask(hub, "GET", "/console/api/me", cookie)).status_code == 401
    assert (await audited(hub, shop))[:2] == ["session.ended", "session.opened"]


async def test_B7_the_cookie_is_host_only_and_no_script_reads_it(hub, shop):
    line = (await sign_in(hub)).headers["set-cookie"]
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in line
    assert "Domain" not in line


async def test_R6_a_wrong_address_and_a_wrong_password_read_the_same(hub, shop):
    for email, password in (
        (OWNER, "wrong"),
        (OWNER, ""),
        ("nobody@shop.example", PASSWORD),
        ("no address", PASSWORD),
    ):
        answer = await sign_in(hub, email, password)
        assert answer.status_code == 401
        assert answer.json()["error"] == {
            "code": "bad_credentials",
            "message": "Email and password do not match.",
        }
        assert "set-cookie" not in answer.headers


async def test_N1_a_malformed_sign_in_is_refused_and_no_fault(hub):
    for body in (None, [], {}, {"email": OWNER}, {"email": 1, "password": []}, {"email": None}):
        answer = await hub.http.post("/console/api/session", json=body)
        assert answer.status_code in (400, 422), body


async def test_R6_a_refused_sign_in_is_in_the_audit_log(hub, shop):
    await sign_in(hub, OWNER, "wrong")
    for _ in range(50):
        if (await audited(hub, shop))[0] == "session.refused":
            return
        await asyncio.sleep(0.02)
    raise AssertionError(await audited(hub, shop))


async def test_signing_in_again_ends_the_browsers_earlier_session(hub, shop):
    first = cookie_of(await sign_in(hub))
    second = cookie_of(await sign_in(hub, Cookie=first, Origin=hub.url))
    assert (await ask(hub, "GET", "/console/api/me", first)).status_code == 401
    assert (await ask(hub, "GET", "/console/api/me", second)).status_code == 200


async def test_N2_five_wrong_passwords_lock_the_account_for_15_minutes(sqlite_url, tmp_path):
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        await hub.shop()
        await hub.shop("Northfold")
        said = []
        for _ in range(5):
            answer = await sign_in(hub, OWNER, "wrong")
            assert answer.status_code == 401
            said.append(answer.json()["error"]["message"])
        assert said[0].endswith("Nothing is locked yet. After 4 more tries, wait 15 minutes.")
        assert said[3].endswith("Nothing is locked yet. After 1 more try, wait 15 minutes.")
        assert said[4].endswith("Wait 15 minutes before you try again.")
        for password in ("wrong", PASSWORD):
            locked = await sign_in(hub, OWNER.upper(), password)
            assert locked.status_code == 429
            assert 0 < int(locked.headers["retry-after"]) <= 900
        assert (await sign_in(hub, "northfold@shop.example")).status_code == 200


async def test_N2_an_unknown_address_is_locked_just_like_a_known_one(sqlite_url, tmp_path):
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        await hub.shop()
        for email in (OWNER, "nobody@shop.example"):
            answers = [await sign_in(hub, email, "wrong") for _ in range(6)]
            assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_N2_tries_at_once_do_not_slip_past_the_limit(sqlite_url, tmp_path):
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        await hub.shop()
        answers = await asyncio.gather(*(sign_in(hub, OWNER, f"wrong{n}") for n in range(12)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [401] * 5 + [429] * 7


async def test_N2_twenty_wrong_passwords_stop_an_address_but_right_ones_do_not(
    sqlite_url, tmp_path
):
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        await hub.shop()
        for _ in range(4):
            assert (await sign_in(hub)).status_code == 200
        for number in range(20):
            wrong = await sign_in(hub, f"someone{number}@shop.example", "wrong")
            assert wrong.status_code == 401, number
        stopped = await sign_in(hub)
        assert stopped.status_code == 429
        assert "network" in stopped.json()["error"]["message"]


async def test_N2_the_right_password_gives_the_tries_back(sqlite_url, tmp_path):
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        await hub.shop()
        for _ in range(3):
            for _ in range(3):
                assert (await sign_in(hub, OWNER, "wrong")).status_code == 401
            assert (await sign_in(hub)).status_code == 200


# Links ------------------------------------------------------------------------------------


async def follow(hub, token, **headers):
    return await hub.http.post("/console/api/session/link", json={"token": token}, headers=headers)


async def test_G8_the_printed_link_signs_in_once(hub, shop):
    token = shop.made.console_url.partition("#signin=")[2]
    answer = await follow(hub, token)
    assert answer.status_code == 200
    assert answer.json()["agent"]["email"] == OWNER
    assert (await ask(hub, "GET", "/console/api/me", cookie_of(answer))).status_code == 200
    again = await follow(hub, token)
    assert (again.status_code, again.json()["error"]["code"]) == (401, "link_used")
    unknown = await follow(hub, "nonsense")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (401, "link_expired")


async def test_a_link_followed_many_times_at_once_opens_one_session(hub, shop):
    token = shop.made.console_url.partition("#signin=")[2]
    answers = await asyncio.gather(*(follow(hub, token) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


# Other sites ------------------------------------------------------------------------------


async def test_B7_another_site_signs_nobody_in(hub, shop):
    token = shop.made.console_url.partition("#signin=")[2]
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert (await sign_in(hub, **headers)).status_code == 403
        assert (await follow(hub, token, **headers)).status_code == 403
    assert (await follow(hub, token)).status_code == 200  # and it was not used up


async def test_B7_another_sites_page_changes_nothing_with_the_cookie(hub, shop):
    cookie = cookie_of(await sign_in(hub))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}):
        for method, path, body in (
            ("POST", "/console/api/keys", {"name": "x", "scopes": ["records"]}),
            ("POST", "/console/api/identity-secret/rotate", {"keep_hours": 0}),
            ("POST", "/console/api/ticket", None),
            ("DELETE", "/console/api/session", None),
        ):
            answer = await hub.http.request(
                method, path, json=body, headers={"Cookie": cookie, **headers}
            )
            assert answer.status_code == 403, (method, path, headers)
    assert (await ask(hub, "GET", "/console/api/me", cookie)).status_code == 200
    keys = (await ask(hub, "GET", "/console/api/keys", cookie)).json()["items"]
    assert [key["name"] for key in keys] == ["First key"]


async def test_B7_the_console_has_no_cors(hub, shop):
    cookie = cookie_of(await sign_in(hub))
    answer = await hub.http.get(
        "/console/api/me", headers={"Cookie": cookie, "Origin": "https://evil.example"}
    )
    assert "access-control-allow-origin" not in answer.headers


# Sessions ---------------------------------------------------------------------------------


async def test_R6_sessions_are_listed_and_ended(hub, shop):
    phone = await sign_in(hub, **{"User-Agent": "Phone"})
    laptop = cookie_of(await sign_in(hub, **{"User-Agent": "Laptop"}))
    items = (await ask(hub, "GET", "/console/api/sessions", laptop)).json()["items"]
    assert {(item["user_agent"], item["current"]) for item in items} == {
        ("Phone", False),
        ("Laptop", True),
    }
    assert all(item["address"] == "127.0.0.1" for item in items)
    ended = await ask(hub, "DELETE", f"/console/api/sessions/{phone.json()['session_id']}", laptop)
    assert ended.status_code == 204
    assert "set-cookie" not in ended.headers
    assert (await ask(hub, "GET", "/console/api/me", cookie_of(phone))).status_code == 401
    assert (await ask(hub, "GET", "/console/api/me", laptop)).status_code == 200


async def test_T2_a_session_of_somebody_else_reads_as_not_there(hub, shop):
    mine = cookie_of(await sign_in(hub))
    colleague = await shop.agent(Role.OWNER)
    stranger = await (await hub.shop("Northfold")).agent()
    for session_id in (colleague.principal.session_id, stranger.principal.session_id, "ses_none"):
        answer = await ask(hub, "DELETE", f"/console/api/sessions/{session_id}", mine)
        assert answer.status_code == 404
    assert await colleague.get("/console/api/me")


async def test_T3_a_removed_agent_is_signed_out_and_a_lower_role_holds_at_once(hub, shop):
    agent = await shop.agent(Role.ADMIN)
    by = operator(shop.workspace_id)
    new_key = {"name": "x", "scopes": ["records"]}
    assert (await agent.request("POST", "/console/api/keys", new_key)).status_code == 201
    await hub.hub.db.write(change_role, by, agent.principal.id, Role.AGENT)
    assert (await agent.request("POST", "/console/api/keys", new_key)).status_code == 403
    await hub.hub.db.write(remove_agent, by, agent.principal.id)
    assert (await agent.request("GET", "/console/api/me")).status_code == 401


async def test_T3_ending_a_session_or_an_access_closes_its_sockets_within_a_second(hub, shop):
    by = operator(shop.workspace_id)
    db = hub.hub.db

    async def sign_out(agent):
        await agent.request("DELETE", "/console/api/session")

    async def remove(agent):
        await db.write(remove_agent, by, agent.principal.id)

    for end in (sign_out, remove):
        agent, bystander = await shop.agent(), await shop.agent()
        async with agent.socket() as socket, bystander.socket() as other:
            began = asyncio.get_running_loop().time()
            await end(agent)
            assert await socket.closed() in (4401, 4409)
            assert asyncio.get_running_loop().time() - began < 1
            await other.send({"type": "ping"})
            await other.hear("pong")


async def test_T3_what_an_operators_command_ends_beside_the_server_closes_within_a_second(
    hub, shop
):
    agent = await shop.agent()
    # Another process, as far as it matters:
    async with started(hub.hub.settings.database_url) as command, agent.socket() as socket:
        await command.write(remove_agent, operator(shop.workspace_id), agent.principal.id)
        async with asyncio.timeout(1):
            assert await socket.closed() in (4401, 4409)


async def test_someone_in_two_workspaces_lands_where_the_link_leads(hub, shop):
    other = await hub.shop("Northfold")

    def join(work):
        account = account_by_email(work, OWNER)
        member = add_agent(work, operator(other.workspace_id), account, Role.AGENT)
        return make_link(work, other.workspace_id, member.agent.id)

    answer = await follow(hub, await hub.hub.db.write(join))
    assert answer.json()["workspace"]["name"] == "Northfold"
    assert answer.json()["agent"]["role"] == "agent"


# Team -------------------------------------------------------------------------------------


async def test_G1_the_team_says_who_is_there_and_online(hub, shop):
    agent = await shop.agent(Role.AGENT, name="Ines")
    await hub.shop("Northfold")
    async with agent.socket():
        for _ in range(50):
            items = (await agent.get("/console/api/agents"))["items"]
            if any(item["online"] for item in items):
                break
            await asyncio.sleep(0.02)
    assert [(item["name"], item["role"], item["online"]) for item in items] == [
        ("Ines", "agent", True),
        ("kestrel", "owner", False),
    ]


# Keys -------------------------------------------------------------------------------------


async def test_D1_a_key_is_shown_once(hub, shop):
    owner = await shop.agent()
    made = await owner.request(
        "POST", "/console/api/keys", {"name": "Worker", "scopes": ["records", "identify"]}
    )
    assert made.status_code == 201
    key = made.json()
    assert key["key"].startswith("wgk_")
    assert len(key["key"]) >= 28
    assert key["scopes"] == ["identify", "records"]
    listed = (await owner.get("/console/api/keys"))["items"]
    assert [item["name"] for item in listed] == ["Worker", "First key"]
    assert key["key"] not in str(listed)
    assert listed[0] == {name: value for name, value in key.items() if name != "key"}


async def test_D2_a_key_without_a_name_or_with_unknown_scopes_is_refused(hub, shop):
    owner = await shop.agent()
    for body in (
        {},
        {"name": "x"},
        {"name": "", "scopes": ["records"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["admin"]},
        {"name": "x", "scopes": "records"},
        {"name": "x" * 81, "scopes": ["records"]},
    ):
        answer = await owner.request("POST", "/console/api/keys", body)
        assert answer.status_code == 422, body
        assert answer.json()["error"]["field"].startswith(("name", "scopes"))


async def test_V3_extra_fields_of_a_new_key_take_no_effect(hub, shop):
    owner = await shop.agent()
    other = await hub.shop("Northfold")
    body = {"name": "x", "scopes": ["records"]}
    extra = {"id": "key_mine", "workspace_id": other.workspace_id, "created_at": 0, "role": "owner"}
    made = (await owner.request("POST", "/console/api/keys", {**body, **extra})).json()
    assert made["id"] != "key_mine"
    theirs = (await (await other.agent()).get("/console/api/keys"))["items"]
    assert made["id"] not in {item["id"] for item in theirs}


async def push(shop, key):
    body = {"external_id": "c1", "records": [{"kind": "order", "reference": "1"}]}
    return (await shop.post("/v1/chat/ingest/records", body, key=key)).status_code


async def test_D2_rotation_keeps_the_old_key_and_now_ends_it(hub, shop):
    owner = await shop.agent()
    made = (
        await owner.request("POST", "/console/api/keys", {"name": "W", "scopes": ["records"]})
    ).json()
    path = f"/console/api/keys/{made['id']}/rotate"
    second = (await owner.request("POST", path, {})).json()
    assert second["id"] == made["id"]
    assert [await push(shop, key) for key in (made["key"], second["key"])] == [200, 200]
    third = (await owner.request("POST", path, {"now": True})).json()
    codes = [await push(shop, key) for key in (made["key"], second["key"], third["key"])]
    assert codes == [401, 401, 200]


async def test_T3_a_revoked_key_is_refused_within_a_second(hub, shop):
    owner = await shop.agent()
    made = (
        await owner.request("POST", "/console/api/keys", {"name": "W", "scopes": ["records"]})
    ).json()
    assert await push(shop, made["key"]) == 200
    revoked = await owner.request("DELETE", f"/console/api/keys/{made['id']}")
    assert revoked.status_code == 204
    await asyncio.sleep(1)
    assert await push(shop, made["key"]) == 401
    listed = (await owner.get("/console/api/keys"))["items"]
    assert next(item for item in listed if item["id"] == made["id"])["revoked_at"]


async def test_D2_the_last_use_of_a_key_is_listed(hub, shop):
    owner = await shop.agent()
    await push(shop, shop.made.api_key)
    for _ in range(100):
        (item,) = (await owner.get("/console/api/keys"))["items"]
        if item["last_used_at"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the use was not written")


async def test_T1_only_admins_make_and_end_keys_and_see_the_secret(hub, shop):
    agent = await shop.agent(Role.AGENT)
    key_id = (await agent.get("/console/api/keys"))["items"][0]["id"]
    for method, path, body in (
        ("POST", "/console/api/keys", {"name": "x", "scopes": ["records"]}),
        ("POST", f"/console/api/keys/{key_id}/rotate", {}),
        ("DELETE", f"/console/api/keys/{key_id}", None),
        ("POST", "/console/api/identity-secret/reveal", None),
        ("POST", "/console/api/identity-secret/rotate", {"keep_hours": 0}),
    ):
        assert (await agent.request(method, path, body)).status_code == 403, path
    assert await push(shop, shop.made.api_key) == 200


async def test_T2_another_workspaces_key_reads_as_not_there(hub, shop):
    other = await (await hub.shop("Northfold")).agent()
    key_id = (await (await shop.agent()).get("/console/api/keys"))["items"][0]["id"]
    for method, path in (
        ("POST", f"/console/api/keys/{key_id}/rotate"),
        ("DELETE", f"/console/api/keys/{key_id}"),
    ):
        assert (await other.request(method, path, {})).status_code == 404
    assert await push(shop, shop.made.api_key) == 200


# Install ----------------------------------------------------------------------------------


async def test_W3_install_has_everything_the_snippet_needs_and_no_secret(hub, shop):
    agent = await shop.agent(Role.AGENT)
    install = await agent.get("/console/api/install")
    assert install["app_id"] == shop.made.app_id
    assert install["widget_id"] == shop.made.widget_id
    assert install["script_url"].endswith("/widget.js")
    assert install["sightings"] == []
    assert install["identity_secret"]["retiring"] == []
    assert shop.made.identity_secret not in str(install)


def sign(secret, user_id):
    return hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


async def test_I3_the_secret_is_revealed_rotated_and_both_are_valid_meanwhile(hub, shop):
    owner = await shop.agent()
    secret = (await owner.request("POST", "/console/api/identity-secret/reveal")).json()["secret"]
    assert secret == shop.made.identity_secret
    rotated = await owner.request("POST", "/console/api/identity-secret/rotate", {"keep_hours": 2})
    new = rotated.json()["secret"]
    assert new != secret
    install = await owner.get("/console/api/install")
    assert len(install["identity_secret"]["retiring"]) == 1
    for valid in (secret, new):
        visitor = await shop.visitor(user_id="42", user_hash=sign(valid, "42"))
        assert visitor.session["assurance"] == "hmac"
    await owner.request("POST", "/console/api/identity-secret/rotate", {"keep_hours": 0})
    for dead in (secret, new):
        body = {
            "widget": shop.made.app_id,
            "identity": {"user_id": "42", "user_hash": sign(dead, "42")},
        }
        answer = await hub.http.post("/v1/chat/session", json=body)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "bad_user_hash"
    actions = await audited(hub, shop)
    assert actions.count("identity_secret.rotated") == 2
    assert actions.count("identity_secret.revealed") == 1


async def test_a_rotation_takes_whole_hours_up_to_a_month(hub, shop):
    owner = await shop.agent()
    for hours in (-1, 24 * 30 + 1, 1.5, "24", None):
        answer = await owner.request(
            "POST", "/console/api/identity-secret/rotate", {"keep_hours": hours}
        )
        assert answer.status_code == 422, hours
        assert answer.json()["error"]["field"] == "keep_hours"


async def test_V4_the_secret_of_another_workspace_verifies_nobody(hub, shop):
    other = await hub.shop("Northfold")
    body = {
        "widget": shop.made.app_id,
        "identity": {"user_id": "42", "user_hash": sign(other.made.identity_secret, "42")},
    }
    assert (await hub.http.post("/v1/chat/session", json=body)).status_code == 401


async def test_I3_the_check_says_which_side_is_wrong(hub, shop):
    agent = await shop.agent(Role.AGENT)

    async def check(user_hash, user_id="42"):
        body = {"user_id": user_id, "user_hash": user_hash}
        answer = await agent.request("POST", "/console/api/identity-check", body)
        assert answer.status_code == 200
        return answer.json()

    right = shop.sign("42")
    assert await check(right) == {
        "ok": True,
        "problem": "",
        "hint": "Both sides agree. User 42 will be shown as verified.",
        "expected_length": 64,
    }
    assert (await check(right, 42))["ok"]
    problems = {
        "no_hash": "",
        "upper_case": right.upper(),
        "wrong_length": right[:-1],
        "not_hex": "hash",
        "wrong_secret": sign("another", "42"),
        "other_user": shop.sign("42\n"),
    }
    for problem, user_hash in problems.items():
        assert (await check(user_hash))["problem"] == problem
    for junk in (None, [], {}, 5, True):
        assert not (await check(junk))["ok"]
        assert not (await check(right, junk))["ok"]
    await shop.post("/v1/chat/ingest/identify", {"external_id": "cust_77"})
    assert "cust_77" in (await check(shop.sign("cust_77")))["hint"]
