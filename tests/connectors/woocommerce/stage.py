"""A stage for PHP: plays a scene with the plugin or a functions.php among stubs of WordPress."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "connectors/woocommerce/wordpress/parley"
PLAY = Path(__file__).with_name("wordpress") / "play.php"
HUB, APP_ID = "https://chat.example", "icw_0123456789abcdefghijklmn"
API_KEY, SECRET = "wgk_0123456789abcdefghijklmn", "an_identity_secret_of_a_test"
ANNA = {"ID": 2, "display_name": "Anna Müller", "user_email": "cust1@example.com"}


def php() -> str:
    """The program, or a loud skip; on CI nothing is left out."""
    found = shutil.which("php")
    if found is None:
        why = "NOT TESTED: no php on this machine (Debian: apt install php-cli)"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found


def options(hub: str = HUB, api_key: str = API_KEY, secret: str = SECRET, **more: Any) -> Any:
    """What the settings page has saved; without a key or a secret, that half is off."""
    settings = {"hub": hub, "app_id": APP_ID, "identity": bool(secret), "orders": bool(api_key)}
    secrets = {"api_key": api_key, "identity_secret": secret}
    return {"parley_settings": {**settings, **more}, "parley_secrets": secrets}


def play(
    *scene: list[Any],
    file: Path = PLUGIN / "parley.php",
    constants: dict[str, str] | None = None,
    admin: bool = False,
    **site: Any,
) -> Any:
    """The site after these steps; "said" has what each gave or printed."""
    users = {"2": ANNA}
    given = {
        "scene": scene,
        "constants": constants or {},
        "admin": admin,
        "site": {"options": options(), "users": users, **site},
    }
    done = subprocess.run(
        [php(), "-d", "display_errors=stderr", "-d", "precision=14", str(PLAY), str(file)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"], "no_proxy": "*"},
    )
    assert done.returncode == 0 and not done.stderr, done.stderr + done.stdout
    return json.loads(done.stdout)


def order(reference: str = "380", status: str = "processing", **more: Any) -> dict[str, Any]:
    """An order as the stubs keep it."""
    row = {"reference": reference, "status": status, "customer": "2", "currency": "EUR"}
    return {**row, "total": "96.64", "created": 1_790_000_000, "modified": 1_790_000_060, **more}
