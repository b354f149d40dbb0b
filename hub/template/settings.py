"""What an operator sets for Tea Shop in plugins.toml."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Settings(BaseModel, extra="forbid"):
    """`settings = { workspace = "wsp_…", secret = { env = "TEASHOP_SECRET" } }`."""

    workspace: str = Field(description="The workspace its orders belong to.")
    secret: str = Field(min_length=16, description="What Tea Shop signs its webhooks with.")
