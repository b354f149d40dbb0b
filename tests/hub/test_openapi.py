"""The API written down: a valid document, true to what is served, and a page that can be read."""

from __future__ import annotations

import copy
import json
import re

import jsonschema_rs
import pytest
import schemathesis

from connectors.testing.hubs import serve
from core.access import ADMIN, AGENT, PUBLIC, VERIFIED, key
from core.routes import Route
from hub.app import Hub
from hub.openapi import access, document
from hub.settings import Settings

DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Hub(Settings(data_dir=tmp_path_factory.mktemp("hub")))


@pytest.fixture(scope="module")
def described(made):
    return document(made.routes, "https://hub.example")


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def validator(described, schema):
    shapes = {"components": described["components"], **DIALECT}
    return jsonschema_rs.validator_for({**shapes, **schema})


def test_D13_the_document_is_valid_openapi_3_1(described):
    assert described["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(described).validate()
    broken = copy.deepcopy(described)
    broken["paths"]["/healthz"]["get"]["responses"] = "none"
    with pytest.raises(Exception, match="none"):  # so the validator looks
        schemathesis.openapi.from_dict(broken).validate()


def test_D13_everything_that_is_served_is_in_it_but_pages_and_files(made, described):
    declared = {
        f"{route.method} {re.sub(':path', '', route.path)}"
        for route in made.routes
        if isinstance(route, Route) and not route.hidden
    }
    assert {name for name, _ in operations(described)} == declared
    assert "POST /v1/chat/ingest/records" in declared


def test_every_operation_says_who_may_use_it_and_how_they_prove_it(made, described):
    for name, operation in operations(described):
        who = operation["x-access"]
        schemes = {scheme for one in operation["security"] for scheme in one}
        assert schemes == {
            {"scope": "apiKey", "visitor": "visitor", "role": "agent"}[kind]
            for kind in who
            if kind != "public"
        }, name
        assert ("401" in operation["responses"]) == ("public" not in who), name
    assert access(PUBLIC) == {"public": True}
    assert access(AGENT) == {"role": "agent"}
    assert access(ADMIN) == {"role": "admin"}
    assert access(VERIFIED) == {"visitor": "hmac"}
    assert access(key("records")) == {"scope": "records"}


def test_every_operation_has_a_name_a_group_and_a_summary(described):
    names = [operation["operationId"] for _, operation in operations(described)]
    assert len(set(names)) == len(names)
    for name, operation in operations(described):
        assert operation["summary"], name
        assert operation["tags"] != ["Other"], name


def test_every_reference_leads_somewhere(described):
    for name in re.findall(r'"#/components/(\w+/[^"]+)"', json.dumps(described)):
        kind, _, one = name.partition("/")
        assert one in described["components"][kind]
    for name in described["components"]["schemas"]:
        assert re.fullmatch(r"[A-Za-z]\w*", name)


def test_D13_the_examples_fit_their_shapes(described):
    count = 0
    for _, operation in operations(described):
        medias = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in medias:
            content = media.get("content", {}).get("application/json", {})
            if "example" in content:
                validator(described, content["schema"]).validate(content["example"])
                count += 1
    assert count >= 8
    for status, response in described["components"]["responses"].items():
        media = response["content"]["application/json"]
        validator(described, media["schema"]).validate(media["example"])
        assert ("Retry-After" in response.get("headers", {})) == (status in ("429", "503"))


async def test_D13_what_the_hub_answers_fits_the_document(tmp_path, sqlite_url):
    """The examples are sent as they stand; answers and refusals are what is written."""
    async with serve(tmp_path, sqlite_url) as hub:
        shop = await hub.shop()
        described = (await hub.http.get("/openapi.json")).json()
        assert described["servers"] == [{"url": hub.hub.settings.public_url}]

        def fits(path, method, answer):
            operation = described["paths"][path][method]
            response = operation["responses"][str(answer.status_code)]
            if "$ref" in response:
                response = described["components"]["responses"][str(answer.status_code)]
            schema = response["content"]["application/json"]["schema"]
            validator(described, schema).validate(answer.json())

        for path in ("identify", "records", "products"):
            full = f"/v1/chat/ingest/{path}"
            body = described["paths"][full]["post"]["requestBody"]["content"]["application/json"]
            answer = await shop.post(full, body["example"])
            assert answer.status_code == 200, answer.text
            fits(full, "post", answer)
            wrong = await shop.post(full, {"external_id": {}})
            assert wrong.status_code == 422
            fits(full, "post", wrong)
            nobody = await hub.http.post(full, json=body["example"])
            assert nobody.status_code == 401
            fits(full, "post", nobody)
        half = {
            "external_id": "42",
            "records": [{"kind": "order", "reference": "1"}, {"kind": "gift"}],
        }
        answer = await shop.post("/v1/chat/ingest/records", half)
        assert answer.status_code == 207
        fits("/v1/chat/ingest/records", "post", answer)
        for path in ("/version", "/readyz"):
            fits(path, "get", await hub.http.get(path))


async def test_the_page_and_the_document_are_served_to_anyone(tmp_path, sqlite_url):
    async with serve(tmp_path, sqlite_url) as hub:
        answer = await hub.http.get("/openapi.json")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
        again = await hub.http.get(
            "/openapi.json", headers={"if-none-match": answer.headers["etag"]}
        )
        assert again.status_code == 304
        page = await hub.http.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "style=" not in page.text  # the policy would not apply it
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text)
        for name in ("page.css", "page.js"):
            assert (await hub.http.get(f"/docs/{name}")).status_code == 200
        assert (await hub.http.get("/docs/secret.key")).status_code == 404
