"""The assistant's own tools: each looks up or does one thing for whoever is writing."""

from __future__ import annotations

from chat.assistant.tools import (
    activity,
    articles,
    discount,
    handover,
    order_status,
    orders,
    products,
    profile,
)
from core.tools import Tool

TOOLS: tuple[Tool, ...] = (
    products.tool,
    orders.tool,
    order_status.tool,
    activity.tool,
    profile.tool,
    articles.tool,
    discount.tool,
    handover.tool,
)
