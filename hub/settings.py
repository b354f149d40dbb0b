"""Settings: everything an operator may set, each by an environment variable of the same name."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

KEY_FILE = "secret.key"
KEY_LENGTH = 32
KNOWN_WORDS = re.compile(
    "change|this|me|secret|key|password|default|example|insecure|development|dev|testing|test|"
    "demo|parley|hub|admin|letmein|replace|your|please|here|super|[^a-z]"
)

Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """A setting the hub cannot start with; the message is one plain sentence."""


def _split(value: Any) -> Any:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def _origin(value: str) -> str:
    """`https://chat.example.com`: scheme and host, no path, or nothing."""
    if not value:
        return value
    parts = urlsplit(value.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with https:// (or http://) and a host name")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise ValueError("must be scheme and host only, such as https://chat.example.com")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _database(value: str) -> str:
    scheme, _, rest = value.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+asyncpg"):
        return f"postgresql://{rest}"
    if value and scheme != "sqlite":
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _scheme(*allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and value.partition("://")[0] not in allowed:
            raise ValueError(f"must begin with {' or '.join(f'{one}://' for one in allowed)}")
        return value

    return AfterValidator(check)


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """What the hub is started with. Reading them makes the SECRET_KEY when there is none yet."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True)

    data_dir: Path = Field(Path(".data"), description="Where the hub keeps its files.")
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "",
        repr=False,
        description="sqlite:///path or postgresql://user:password@host/name. "
        "Without it: SQLite in DATA_DIR.",
    )
    redis_url: Annotated[str, _scheme("redis", "rediss", "unix")] = Field(
        "",
        repr=False,
        description="redis://host: several hub processes wake each other through Redis instead "
        "of PostgreSQL.",
    )
    secret_key: str = Field(
        "",
        repr=False,
        description="At least 32 characters that seal the secrets in the database. Without it: "
        "made on the first start and kept in DATA_DIR/secret.key. Keep a copy with your backups.",
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        "", description="How browsers reach the hub, such as https://chat.example.com."
    )
    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on.")
    smtp_url: Annotated[str, _scheme("smtp", "smtps")] = Field(
        "",
        repr=False,
        description="smtp://user:password@host:587 to send e-mail. Without it: none is sent.",
    )
    mail_from: str = Field(
        "", description="The address e-mail is from. Without it: SMTP_URL's user."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="console for people, json for machines."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Addresses or networks of your reverse proxies, separated by commas: only "
        "their X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    outbound_allow: Networks = Field(
        (),
        description="Private networks the hub may call, separated by commas, for a shop in your "
        "own network. Without it: none.",
    )
    worker: bool = Field(
        True,
        description="off: this process runs no jobs and no webhooks; start `hub worker` beside it.",
    )
    rate_limits: bool = Field(
        True, description="off: no limits on how often anyone may call. For measurements only."
    )

    _key_is_in_file: bool = PrivateAttr(False)

    @model_validator(mode="before")
    @classmethod
    def _plain_words(cls, values: dict[str, Any]) -> dict[str, Any]:
        """LOG_LEVEL=INFO is as good as info."""
        for name in ("log_level", "log_format"):
            if isinstance(values.get(name), str):
                values[name] = values[name].strip().lower()
        return values

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        fill = self.__dict__  # the model is frozen for everyone else
        if not self.database_url:
            fill["database_url"] = f"sqlite:///{self.data_dir / 'parley.db'}"
        if not self.public_url:
            host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
            fill["public_url"] = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        if self.secret_key:
            _refuse_weak(self.secret_key, "SECRET_KEY")
        else:
            fill["secret_key"] = _kept_key(self.data_dir)
            self._key_is_in_file = True
        return self

    @property
    def is_secure(self) -> bool:
        """Whether browsers treat the public address as trustworthy: https, or this machine."""
        return self.public_url.startswith("https:") or is_loopback(self.public_url)

    @property
    def key_is_in_file(self) -> bool:
        """Whether the secret key is the one in DATA_DIR, and not set by SECRET_KEY."""
        return self._key_is_in_file

    def concerns(self) -> list[str]:
        """What works but an operator should know of, for the start and for `hub doctor`."""
        found = []
        if not self.is_secure:
            found.append(
                f"PUBLIC_URL is {self.public_url}: without https, whoever shares the network can "
                "take over an agent's session. Put the hub behind https."
            )
        if self.database_url.startswith("postgresql") and self._key_is_in_file:
            found.append(
                f"The secret key is only in {self.data_dir / KEY_FILE}: set SECRET_KEY to the "
                "same value on every machine that uses this database."
            )
        if not self.rate_limits:
            found.append("RATE_LIMITS is off: anyone may try passwords as often as they like.")
        return found


def load_settings(**given: Any) -> Settings:
    """The settings from the environment, or SettingsError in one sentence and without values."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR: cannot keep the secret key in {error.filename}: {error.strerror}."
        ) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]).upper() + ": " if first["loc"] else ""
    return name + first["msg"].removeprefix("Value error, ").rstrip(".") + "."


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


# The secret key ---------------------------------------------------------------------------


def _kept_key(data_dir: Path) -> str:
    """The key in DATA_DIR, made now if there is none; of two first starts, one makes it."""
    path = data_dir / KEY_FILE
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_key(path)
    key = path.read_text(encoding="utf-8").strip()
    _refuse_weak(key, str(path))
    return key


def _make_key(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())  # what it seals will be durable, so it must be first
    with suppress(FileExistsError):  # another process was faster: its key counts
        os.link(draft, path)  # whole or not at all
    draft.unlink()


def _refuse_weak(key: str, where: str) -> None:
    advice = "Remove it and the hub makes one, or make one with: openssl rand -hex 32"
    if key.strip("0123456789") and not KNOWN_WORDS.sub("", key.lower()):  # nothing else in it
        raise ValueError(f"{where} is a known example that anyone can guess. {advice}.")
    if len(key) < KEY_LENGTH:
        raise ValueError(
            f"{where} has {len(key)} characters and needs at least {KEY_LENGTH}. {advice}."
        )
