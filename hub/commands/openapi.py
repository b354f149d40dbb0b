"""`hub openapi`: the description of the HTTP API, for generators and for keeping."""

from __future__ import annotations

import json

import click

from hub.app import Hub
from hub.openapi import document
from hub.settings import load_settings


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of everything this hub serves.

    The plugins that are switched on are part of it. A running hub answers it at /openapi.json.
    """
    settings = load_settings()
    click.echo(json.dumps(document(Hub(settings).routes, settings.public_url), indent=1))
