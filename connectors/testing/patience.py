"""Patience: waiting in a test for something that another task or process brings about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any


async def until(condition: Callable[[], Any | Awaitable[Any]], seconds: float = 10) -> Any:
    """What the condition gives as soon as it holds; TimeoutError if not within `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if isawaitable(held):
                held = await held
            if held:
                return held
            await asyncio.sleep(0.01)
