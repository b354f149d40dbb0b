"""Providers: where a model answers, from three settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator


class ModelSettings(BaseModel, extra="forbid", hide_input_in_errors=True):
    """The assistant's settings in plugins.toml; without a model the built-in engine answers."""

    base_url: str = Field(
        "", description="An OpenAI-compatible address, such as a server of yours."
    )
    api_key: str = Field("", repr=False, description="The key for it, if it wants one.")
    model: str = Field("", description="The model's name, or provider:name without an address.")

    @field_validator("base_url", "api_key", "model", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        """An environment variable that is not set is no setting."""
        return "" if value is None else value.strip() if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("AI_BASE_URL must begin with https:// or http://")
        if parts.username is not None:
            raise ValueError("AI_BASE_URL must not carry a password: set AI_API_KEY")
        return value.rstrip("/")

    def concerns(self) -> list[str]:
        """What `hub doctor` says of them."""
        return [text] if (text := missing(self)) else []


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody whose address everybody knows."""

    base_url: str
    new_limit: bool = False  # it limits an answer by `max_completion_tokens`
    needs_key: bool = True


PROVIDERS = {
    "openai": Provider("https://api.openai.com/v1", new_limit=True),
    "mistral": Provider("https://api.mistral.ai/v1"),
    "groq": Provider("https://api.groq.com/openai/v1", new_limit=True),
    "openrouter": Provider("https://openrouter.ai/api/v1"),
    "together": Provider("https://api.together.xyz/v1"),
    "deepseek": Provider("https://api.deepseek.com/v1"),
    "fireworks": Provider("https://api.fireworks.ai/inference/v1"),
    "cerebras": Provider("https://api.cerebras.ai/v1", new_limit=True),
    "xai": Provider("https://api.x.ai/v1"),
    "google": Provider("https://generativelanguage.googleapis.com/v1beta/openai"),
    "ollama": Provider("http://127.0.0.1:11434/v1", needs_key=False),
}
_NEW_LIMIT = (".openai.com", ".openai.azure.com")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model, and where it answers."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    new_limit: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""


def endpoint(settings: ModelSettings) -> Endpoint | None:
    """Where the settings lead; None if they name no model, or no place for it.

    Beside an address the model's name is taken as it is: `mistral:7b` is also a name at Ollama.
    """
    if not settings.model:
        return None
    if settings.base_url:
        host = urlsplit(settings.base_url).hostname or ""
        new = f".{host}".endswith(_NEW_LIMIT)
        return Endpoint(settings.base_url, settings.model, settings.api_key, new)
    name, colon, model = settings.model.partition(":")
    known = PROVIDERS.get(name.lower())
    if not colon or known is None or not model:
        return None
    return Endpoint(known.base_url, model, settings.api_key, known.new_limit)


def missing(settings: ModelSettings) -> str:
    """What an operator has to do before a model can answer; "" if nothing is missing."""
    if not (settings.model or settings.base_url):
        return ""
    if not settings.model:
        return "AI_BASE_URL is set, but AI_MODEL is not: name the model to ask for there."
    if endpoint(settings) is None:
        known = ", ".join(PROVIDERS)
        return f"AI_MODEL alone must be provider:model, of {known}; or set AI_BASE_URL."
    provider = PROVIDERS.get(settings.model.partition(":")[0].lower())
    if not settings.base_url and provider and provider.needs_key and not settings.api_key:
        return "AI_API_KEY is not set, and this provider wants one."
    if not is_installed():
        return (
            "AI_MODEL is set, but the packages for it are missing: start with ./run, or install "
            "the extra: pip install 'parley[ai]'. Until then the built-in engine answers."
        )
    return ""


def is_installed() -> bool:
    """Whether the extra `ai` is there, without importing it."""
    return find_spec("pydantic_ai") is not None and find_spec("openai") is not None
