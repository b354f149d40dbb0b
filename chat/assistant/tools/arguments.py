"""Arguments: the base of what a tool is given, so that a wrong or an extra one is refused."""

from __future__ import annotations

from typing import Annotated, dataclass_transform

import msgspec
from msgspec import Meta

Words = Annotated[str, Meta(max_length=200)]
Price = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,2})?$")]  # "80" or "79.90"
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]


@dataclass_transform(
    frozen_default=True, kw_only_default=True
)  # msgspec hands it down to subclasses
class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an engine may pass. There is no field for a customer, a visitor or a shop."""
