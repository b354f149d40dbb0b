"""App configuration: `shopify.app.toml` and the theme app extension, made from what the code uses.

`shopify app deploy` in the folder this makes tells Shopify everything about the app: addresses,
permissions, webhooks, the app proxy and the embed. Addresses are written out: where relative ones
begin has changed before.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from connectors.shopify.app_proxy import PREFIX, SUBPATH
from connectors.shopify.settings import API_VERSION, OPTIONAL_SCOPES, SCOPES

EXTENSIONS = Path(__file__).parent / "app" / "extensions"
NAME = "Parley"
NAME_LENGTH = 30
CLIENT_ID = re.compile(r"[0-9a-f]{32}")
# What a delivery carries. The shop drops one that equals the last, so something in it must change.
FIELDS = {
    "products/create": ("id", "admin_graphql_api_id", "updated_at", "status"),
    "products/update": ("id", "admin_graphql_api_id", "updated_at", "status"),
}
# The permission a topic needs, by its first word; Shopify refuses an app that lacks one.
SCOPE_OF = {
    "collections": "read_products",
    "customers": "read_customers",
    "discounts": "read_discounts",
    "fulfillments": "read_fulfillments",
    "inventory_items": "read_inventory",
    "inventory_levels": "read_inventory",
    "orders": "read_orders",
    "products": "read_products",
    "refunds": "read_orders",
    "themes": "read_themes",
}

HEAD = """\
# Made by `hub shopify app-config`: make it anew instead of changing it here.
# It goes to Shopify with `shopify app deploy`, in this folder.
client_id = {client_id}
name = {name}
application_url = {url}
embedded = true

[access_scopes]
scopes = {scopes}
optional_scopes = {optional}

[auth]
redirect_urls = {redirects}

[app_proxy]
url = {proxy}
prefix = {prefix}
subpath = {subpath}

[webhooks]
api_version = {version}
"""
SUBSCRIPTION = """
  [[webhooks.subscriptions]]
  {kind} = {topics}
  uri = {uri}
"""

NEXT = """\
Made {folder}: shopify.app.toml and the chat for storefronts.

What is next:
1. In that folder, with Shopify's own tool (it needs Node):
     npx @shopify/cli app deploy
   It asks you to sign in to Shopify, and releases a version of the app.
2. In the Dev Dashboard, open the app's settings and copy its Client ID and secret to the hub:
     SHOPIFY_CLIENT_ID={client_id}
     SHOPIFY_CLIENT_SECRET=…
   Restart the hub.
3. Open {hub}/console/settings/integrations and connect the shop.
4. There, open the theme editor, switch the chat on and save.
After an update of the hub, do 1 again: the app may use something new.
"""


def to_toml(
    client_id: str,
    hub: str,
    topics: Iterable[str],
    privacy: Iterable[str],
    name: str = NAME,
) -> str:
    """The app as Shopify is to know it; the same for the same arguments."""
    app = f"{hub}/shopify"
    head = HEAD.format(
        client_id=_text(client_id),
        name=_text(name),
        url=_text(app),
        scopes=_text(",".join(SCOPES)),
        optional=_list(OPTIONAL_SCOPES),
        redirects=_list([f"{app}/callback"]),
        proxy=_text(f"{app}/proxy"),
        prefix=_text(PREFIX),
        subpath=_text(SUBPATH),
        version=_text(API_VERSION),
    )
    parts = [_subscription("compliance_topics", sorted(privacy), app)]
    parts += [
        _subscription("topics", alike, app, fields) for fields, alike in _groups(topics).items()
    ]
    return head + "".join(parts)


def allowed(topics: Iterable[str]) -> list[str]:
    """Those the app may subscribe to with the permissions everyone gives."""
    has = {*SCOPES, *(scope.replace("write_", "read_") for scope in SCOPES)}
    return [topic for topic in topics if SCOPE_OF.get(topic.partition("/")[0], "") in {"", *has}]


def _groups(topics: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    """Topics by what their deliveries carry: the same topic twice would be an error."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for topic in sorted(set(topics)):
        groups.setdefault(FIELDS.get(topic, ()), []).append(topic)
    return groups


def _subscription(kind: str, topics: Sequence[str], app: str, fields: Sequence[str] = ()) -> str:
    text = SUBSCRIPTION.format(kind=kind, topics=_list(topics), uri=_text(f"{app}/webhooks"))
    return text + (f"  include_fields = {_list(fields)}\n" if fields else "")


def _text(value: str) -> str:
    return json.dumps(value)  # JSON's strings are TOML's


def _list(values: Iterable[str]) -> str:
    return f"[ {', '.join(map(_text, values))} ]"


def write_app(folder: Path, toml: str) -> None:
    """The folder that `shopify app deploy` wants. What Shopify's tool noted there itself stays."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shopify.app.toml").write_text(toml, encoding="utf-8")
    package = {"name": "parley-app", "private": True}
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
    for extension in sorted(EXTENSIONS.iterdir()):
        _copy(extension, folder / "extensions" / extension.name)


def _copy(extension: Path, target: Path) -> None:
    settings = target / "shopify.extension.toml"
    known = settings.read_text(encoding="utf-8") if settings.exists() else ""
    for part in ("assets", "blocks", "locales", "snippets"):
        shutil.rmtree(target / part, ignore_errors=True)
    shutil.copytree(extension, target, dirs_exist_ok=True)
    if "uid = " in known:  # by it Shopify knows the extension again
        settings.write_text(known, encoding="utf-8")


def check_hub(hub: str) -> str:
    """Scheme and host of a hub that Shopify can reach; UsageError says what is wrong."""
    parts = urlsplit(hub.strip().rstrip("/"))
    if parts.scheme != "https" or not parts.hostname or parts.path or parts.query:
        raise click.UsageError(
            f"Shopify reaches the hub at an address such as https://chat.example.com, not at "
            f"{hub or 'none'}. Set PUBLIC_URL or give --hub."
        )
    return f"https://{parts.netloc}".lower()


@click.command("app-config")
@click.option(
    "--client-id",
    envvar="SHOPIFY_CLIENT_ID",
    default="",
    help="The app's Client ID, from the Dev Dashboard. Else: SHOPIFY_CLIENT_ID.",
)
@click.option(
    "--hub", envvar="PUBLIC_URL", default="", help="The hub's public address. Else: PUBLIC_URL."
)
@click.option("--name", default=NAME, show_default=True, help="What merchants see the app as.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("shopify-app"),
    show_default=True,
    help="The folder to make.",
)
def app_config(client_id: str, hub: str, name: str, output: Path) -> None:
    """Make shopify.app.toml and the storefront's extension, for `shopify app deploy`."""
    from connectors.shopify import privacy, topics

    if not CLIENT_ID.fullmatch(client_id):
        raise click.UsageError(
            "Give the app's Client ID (32 characters) with --client-id. You find it in the Dev "
            "Dashboard, https://dev.shopify.com/dashboard, under the app's Settings."
        )
    if not 0 < len(name) <= NAME_LENGTH:
        raise click.UsageError(f"An app's name has 1 to {NAME_LENGTH} characters.")
    hub = check_hub(hub)
    toml = to_toml(client_id, hub, allowed(topics.TOPICS), privacy.TOPICS, name)
    write_app(output, toml)
    click.echo(NEXT.format(folder=output, client_id=client_id, hub=hub), nl=False)


command = click.Group("shopify", [app_config], help="What a Shopify app needs.")
