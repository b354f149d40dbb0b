"""Operations: valid on Shopify's own schema, of no deprecated field, within our scopes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    specified_rules,
    validate,
    visit,
)

from connectors.shopify.client import OPERATIONS, operation
from connectors.shopify.settings import API_VERSION, OPTIONAL_SCOPES, SCOPES
from connectors.shopify.standin.schema import VERSION, admin_schema

FOLDER = Path(__file__).parents[3] / "connectors" / "shopify"
NAMES = sorted(path.stem for path in OPERATIONS.glob("*.graphql"))
# What the merchant has to switch on: cancel and refund.
OPTIONAL = {"order_cancel", "refund"}
# Inside a bulk operation a connection has no page.
BULK = {name for name in NAMES if name.startswith("bulk_products")}


def document(name: str) -> DocumentNode:
    return parse((OPERATIONS / f"{name}.graphql").read_text())


def asked(name: str) -> OperationDefinitionNode:
    (one,) = (one for one in document(name).definitions if isinstance(one, OperationDefinitionNode))
    return one


def covers(scopes: tuple[str, ...], wanted: str) -> bool:
    return wanted in scopes or wanted.replace("read_", "write_", 1) in scopes


class Needs(Visitor):
    """Every alternative of scopes that some field of an operation asks for."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.endless: list[str] = []

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, field = self.types.get_parent_type(), self.types.get_field_def()
        assert parent is not None and field is not None
        where = f"{parent.name}.{node.name.value}"
        kind = re.sub(r"(Connection|Edge)$", "", get_named_type(field.type).name)
        for place in (where, kind):
            if place in admin_schema().scopes:
                self.found.append((where, tuple(admin_schema().scopes[place][1])))
        paged = get_named_type(field.type).name.endswith("Connection")
        if (
            paged
            and "first" in field.args
            and not {"first", "last"} & {one.name.value for one in node.arguments or ()}
        ):
            self.endless.append(where)


def needs(name: str) -> Needs:
    types = TypeInfo(admin_schema().types)
    visitor = Needs(types)
    visit(document(name), TypeInfoVisitor(types, visitor))
    return visitor


def test_the_version_is_the_schemas():
    assert API_VERSION == VERSION


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_valid_and_of_no_deprecated_field(name):
    rules = [*specified_rules, NoDeprecatedCustomRule]
    errors = validate(admin_schema().types, document(name), rules)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("name", NAMES)
def test_S1_scopes_needed_are_scopes_asked(name):
    scopes = (*SCOPES, *OPTIONAL_SCOPES) if name in OPTIONAL else SCOPES
    lacking = [
        (where, any_of)
        for where, any_of in needs(name).found
        if not any(covers(scopes, one) for one in any_of)
    ]
    assert lacking == []


def test_S1_scopes_asked_are_scopes_needed():
    """A permission that nothing uses is not asked for."""
    wanted = {one for name in NAMES for _, any_of in needs(name).found for one in any_of}
    by_shopify = {"read_inventory", "read_fulfillments", "write_app_proxy"}  # webhooks, the proxy
    for scope in SCOPES:
        implied = scope.replace("write_", "read_", 1)
        assert {scope, implied} & wanted or scope in by_shopify, scope


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BULK])
def test_every_list_has_a_length(name):
    assert needs(name).endless == []


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_that_takes_a_key_is_given_one(name):
    one = asked(name)
    for field in one.selection_set.selections:
        assert isinstance(field, FieldNode)
        if one.operation is OperationType.MUTATION:
            wants = field.name.value in admin_schema().idempotent
            assert wants == operation(name).idempotent


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_asks_what_was_wrong(name):
    if asked(name).operation is OperationType.MUTATION:
        assert re.search(r"[uU]serErrors \{", (OPERATIONS / f"{name}.graphql").read_text())
        assert operation(name).changes


def test_every_operation_is_used():
    code = "".join(path.read_text() for path in FOLDER.rglob("*.py") if "standin" not in path.parts)
    unused = [name for name in NAMES if f'"{name}"' not in code]
    assert sorted(unused) == []
