"""A till: the connected shop of the evaluation, which makes whatever code it is asked for."""

from __future__ import annotations

from pydantic import BaseModel

from core.connector import Connection, Connector, DiscountTerms, IssuedCode, Manifest
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.services import Services


class TillSettings(BaseModel):
    """A till needs none."""


class Till(Connector):
    """Codes, and nothing else."""

    manifest = Manifest("till", "Till", "1.0", "A till.", provides=frozenset({"discounts"}))
    settings = TillSettings

    def __init__(self) -> None:
        self.codes: dict[str, DiscountTerms] = {}

    async def issue(
        self, services: Services, connection: Connection, terms: DiscountTerms
    ) -> IssuedCode:
        """Make the code."""
        self.codes[terms.code] = terms
        return _issued(terms.code)

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        """The code, if it was made."""
        return _issued(code) if code in self.codes else None

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        """End a code."""
        self.codes.pop(issued.code, None)


def _issued(code: str) -> IssuedCode:
    return IssuedCode(code, f"ref-{code}", f"https://northlight.example/discount/{code}")


class Hooks:
    """The plugin around it."""

    @hookimpl
    def register_connectors(self) -> list[Connector]:
        return [Till()]


plugin = Plugin(name="till", version="1.0", hooks=Hooks)
