"""What an operator may set for the Customer-Data API in plugins.toml."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Settings(BaseModel, extra="forbid"):
    """`settings = { items = 200 }` takes fewer records or products in one request."""

    items: int = Field(default=1000, ge=1, le=1000)
