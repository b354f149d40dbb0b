"""Fills a DATA_DIR with shops as `hub init` makes them: `python -m benchmarks.seed COUNT`.

Prints a JSON list: of each shop its app id, its owner's one-time sign-in link and its API key.
"""

from __future__ import annotations

import asyncio
import json
import sys

from hub.commands.tools import open_tools
from hub.setup import init


async def seed(count: int) -> list[dict[str, str]]:
    shops = []
    async with open_tools(migrate=True) as tools:
        for number in range(count):
            made = await init(
                tools.db,
                tools.vault,
                public_url="",
                name=f"Shop {number}",
                email=f"owner{number}@shop.example",
                password="bench bench bench",
            )
            link = made.console_url.rpartition("=")[2]
            shops.append({"app_id": made.app_id, "link": link, "key": made.api_key})
    return shops


if __name__ == "__main__":
    print(json.dumps(asyncio.run(seed(int(sys.argv[1])))))
