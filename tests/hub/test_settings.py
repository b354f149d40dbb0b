"""Settings: sound defaults, a key of its own, and one sentence when something is wrong."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.settings import SettingsError, is_loopback, load_settings

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No settings but the data directory."""
    for name in ("SECRET_KEY", "PUBLIC_URL", "DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_nothing_need_be_set(bare):
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{bare}/parley.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.rate_limits


def test_D_4_the_secret_key_is_made_once_and_only_its_owner_can_read_it(bare):
    first = load_settings().secret_key
    assert len(first) >= 32
    assert load_settings().secret_key == first
    assert stat.S_IMODE((bare / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(bare.stat().st_mode) == 0o700
    assert [path.name for path in bare.iterdir()] == ["secret.key"]


def test_D_4_processes_that_start_at_once_agree_on_one_key():
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: load_settings().secret_key, range(8)))) == 1


@pytest.mark.parametrize(
    "key", ["changeme", "secret", "x" * 31, "changeme" * 5, "Change-Me_" * 4, "secret_key_123" * 4]
)
def test_D_4_a_known_or_short_secret_key_stops_the_start(monkeypatch, bare, key):
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(SettingsError, match="SECRET_KEY") as refusal:
        load_settings()
    assert key not in str(refusal.value).replace("SECRET_KEY", "")
    monkeypatch.delenv("SECRET_KEY")
    bare.mkdir()
    (bare / "secret.key").write_text(key)
    with pytest.raises(SettingsError, match=r"secret\.key"):
        load_settings()


def test_a_good_secret_key_is_taken_and_never_shown(monkeypatch, bare):
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("DATABASE_URL", "postgres://u:pass-word@h/x")
    settings = load_settings()
    assert settings.secret_key == KEY
    assert settings.database_url == "postgresql://u:pass-word@h/x"
    assert KEY not in repr(settings)
    assert "pass-word" not in repr(settings)
    assert not bare.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "70000"),
        ("PUBLIC_URL", "chat.example.com"),
        ("PUBLIC_URL", "https://chat.example.com/hub"),
        ("PUBLIC_URL", "ftp://chat.example.com"),
        ("DATABASE_URL", "mysql://u:pass-word@h"),
        ("SMTP_URL", "mail.example.com:pass-word"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("OUTBOUND_ALLOW", "everything"),
        ("LOG_LEVEL", "loud"),
        ("RATE_LIMITS", "some"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence_without_its_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    said = str(refusal.value)
    assert said.startswith(f"{name}: ")
    assert "\n" not in said
    assert "pass-word" not in said


def test_values_are_taken_as_people_write_them(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://Chat.Example.com/")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, 172.16.0.0/12")
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("RATE_LIMITS", "off")
    monkeypatch.setenv("HOST", "")
    settings = load_settings()
    assert settings.public_url == "https://chat.example.com"
    assert [str(network) for network in settings.trusted_proxies] == [
        "10.0.0.1/32",
        "172.16.0.0/12",
    ]
    assert (settings.log_level, settings.host) == ("info", "127.0.0.1")
    assert not settings.rate_limits


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("http://shop.localhost", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://10.0.0.5", False),
    ],
)
def test_B7_a_loopback_address_is_told_from_one_that_looks_like_it(url, own):
    assert is_loopback(url) is own


def test_an_unsafe_address_is_a_concern_and_a_safe_one_none(monkeypatch):
    assert load_settings().concerns() == []
    monkeypatch.setenv("PUBLIC_URL", "http://chat.example.com")
    assert "https" in load_settings().concerns()[0]
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.com")
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/x")
    assert "SECRET_KEY" in load_settings().concerns()[0]
