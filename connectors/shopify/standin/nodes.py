"""What the shop, the app, a theme and a discount look like in GraphQL."""

from __future__ import annotations

import json
from typing import Any

from connectors.shopify.standin.apps import Subscription
from connectors.shopify.standin.call import Call
from connectors.shopify.standin.schema import VERSION
from connectors.shopify.standin.values import Node, gid, iso


def shop_node(call: Call, source: Any, arguments: Node) -> Node:
    shop = call.shop
    form = shop.money_format
    return {
        "__typename": "Shop",
        "id": gid("Shop", shop.number),
        "name": shop.title,
        "email": shop.email,
        "contactEmail": shop.email,
        "myshopifyDomain": shop.domain,
        "url": f"https://{shop.domain}",
        "primaryDomain": {"host": shop.domain, "url": f"https://{shop.domain}"},
        "currencyCode": shop.currency,
        "enabledPresentmentCurrencies": [shop.currency],
        "currencyFormats": {
            "moneyFormat": form,
            "moneyWithCurrencyFormat": f"{form} {shop.currency}",
        },
        "ianaTimezone": "Europe/London",
        "timezoneAbbreviation": "GMT",
        "taxesIncluded": True,
        "plan": {
            "displayName": "Grow",
            "publicDisplayName": "Grow",
            "partnerDevelopment": False,
            "shopifyPlus": False,
        },
        "customerAccountsV2": {
            "customerAccountsVersion": "NEW_CUSTOMER_ACCOUNTS",
            "loginRequiredAtCheckout": False,
            "url": f"https://{shop.domain}/account",
        },
    }


def installation_node(call: Call, source: Any, arguments: Node) -> Node:
    app, own = call.grant.app, call.installation
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", own.number),
        "launchUrl": f"https://{call.shop.domain}/admin/apps/{app.handle}",
        "accessScopes": [
            {"__typename": "AccessScope", "handle": one} for one in sorted(call.grant.scopes)
        ],
        "app": app_node(call),
        "metafields": list(own.metafields.values()),
    }


def app_node(call: Call) -> Node:
    app = call.grant.app
    return {
        "__typename": "App",
        "id": gid("App", app.number),
        "apiKey": app.client_id,
        "handle": app.handle,
        "title": app.title,
        "webhookApiVersion": VERSION,
    }


def subscription_node(call: Call, one: Subscription) -> Node:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", one.number),
        "topic": one.topic.upper().replace("/", "_"),
        "uri": one.uri,
        "format": "JSON",
        "name": one.name or None,
        "includeFields": list(one.fields),
        "filter": one.filter,
        "apiVersion": {"handle": VERSION, "displayName": VERSION, "supported": True},
        "createdAt": one.created,
        "updatedAt": one.created,
    }


def themes(call: Call, source: Any, arguments: Node) -> list[Node]:
    shop = call.shop
    handle = f"shopify://apps/{shop.apps[0].handle}/blocks/parley-chat/{shop.apps[0].client_id}"
    blocks = {"17000000001": {"type": handle, "disabled": not shop.embed_on, "settings": {}}}
    told = {"current": {"blocks": blocks}}
    theme = {
        "__typename": "OnlineStoreTheme",
        "id": gid("OnlineStoreTheme", 1),
        "name": "Horizon",
        "role": "MAIN",
        "createdAt": iso(shop.clock.now()),
        "updatedAt": iso(shop.clock.now()),
        "_files": {"config/settings_data.json": json.dumps(told, indent=2)},
    }
    roles = arguments.get("roles")
    return [theme] if not roles or "MAIN" in roles else []


def theme_files(call: Call, theme: Node, arguments: Node) -> list[Node]:
    wanted = arguments.get("filenames")
    return [
        {
            "__typename": "OnlineStoreThemeFile",
            "filename": name,
            "size": len(content),
            "contentType": "application/json",
            "body": {"__typename": "OnlineStoreThemeFileBodyText", "content": content},
        }
        for name, content in theme["_files"].items()
        if not wanted or name in wanted
    ]


def code_discount(call: Call, node: Node, arguments: Node) -> Node:
    shop, asked = call.shop, node["_asked"]
    percent = node["_value"].get("percentage")
    amount = (node["_value"].get("discountAmount") or {}).get("amount")
    off = f"{percent * 100:g}% off" if percent is not None else f"{amount} {shop.currency} off"
    return {
        "__typename": "DiscountCodeBasic",
        "title": asked["title"],
        "status": shop.discounts.status(node),
        "summary": f"{off} entire order",
        "shortSummary": off,
        "startsAt": node["_starts"],
        "endsAt": node["_ends"],
        "createdAt": node["_created"],
        "updatedAt": node["_created"],
        "usageLimit": asked.get("usageLimit"),
        "appliesOncePerCustomer": asked.get("appliesOncePerCustomer", False),
        "asyncUsageCount": node["_used"],
        "tags": asked.get("tags") or [],
        "combinesWith": asked.get("combinesWith") or {},
        "codesCount": {"count": 1, "precision": "EXACT"},
        "codes": [
            {
                "__typename": "DiscountRedeemCode",
                "id": gid("DiscountRedeemCode", node["_redeem_id"]),
                "code": node["_code"],
                "asyncUsageCount": node["_used"],
            }
        ],
        "shareableUrls": [
            {
                "title": "Home page",
                "targetType": "HOME",
                "url": f"https://{shop.domain}/discount/{node['_code']}",
            }
        ],
    }
