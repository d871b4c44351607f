"""A value that cannot be is refused by the name of its key, and no secret is quoted."""

from pathlib import Path

import pytest

from app.domain.errors import ConfigurationError, InvalidValueError
from app.settings import load_settings


def test_a_short_key_signs_nothing_and_without_a_key_no_signature_can_be_required(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="signing_key: it has fewer than 32 bytes") as refused:
        load_settings(tmp_path, environment={"PARLEY_SIGNING_KEY": "a secret of 31 bytes, not of 32"})
    assert "a secret of" not in str(refused.value)

    with pytest.raises(InvalidValueError, match="require_signed_models: there is no `signing_key`"):
        load_settings(tmp_path, environment={"PARLEY_REQUIRE_SIGNED_MODELS": "true"})


@pytest.mark.parametrize("key", ["models_dir", "var_dir"])
def test_a_folder_that_everybody_can_write_to_is_refused(tmp_path: Path, key: str) -> None:
    folder = tmp_path / key
    folder.mkdir()
    folder.chmod(0o777)

    with pytest.raises(InvalidValueError, match=f"{key}: every user of this machine can write to .*mode 777"):
        load_settings(tmp_path, environment={f"PARLEY_{key.upper()}": str(folder)})

    folder.chmod(0o775)
    assert getattr(load_settings(tmp_path, environment={f"PARLEY_{key.upper()}": str(folder)}), key) == folder


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("port", "abc"), ("port", ""), ("port", "-1"), ("port", "65536"), ("port", "80.5"),
        ("threads", "0"), ("threads", "257"), ("max_body_bytes", "1023"), ("max_text_chars", "0"), ("max_texts", "0"),
        ("cached_texts", "-1"),
        ("max_wait_s", "0"), ("answer_within_s", "0"), ("head_within_s", "0"), ("body_within_s", "0"), ("idle_s", "0"),
        ("max_connections", "15"), ("drain_s", "-1"), ("drain_s", "nan"), ("log_level", "loud"),
        ("log_format", "xml"), ("log_file", ""), ("log_file_mb", "-1"), ("log_file_backups", "-1"),
        ("default_model", "../evil"), ("default_model", "tiny@0"), ("default_model", ""),
        ("admin_password", ""), ("admin_password", "eleven char"), ("admin_password", "Password1234"),
        ("admin_password", "admin"), ("admin_password", "admin-2026-admin"), ("admin_password", "xxxxxxxxxxxxxxxx"),
        ("admin_password", "twelve and more \udcff"),  # bytes that are not UTF-8: no client could send them
        ("host", ""),  # would listen on every address there is
        ("models_dir", ""), ("var_dir", ""),  # would be the project's own folder
        ("request_log", "perhaps"), ("log_text", "perhaps"), ("request_log_queue", "0"), ("request_log_batch", "0"),
        ("keep_versions", "0"), ("max_archive_mb", "0"),
        ("request_log_interval_s", "0"), ("retention_days", "0"), ("text_retention_days", "0"),
        ("redact", "C-[0-9]+"), ("redact", "[C-"), ("redact", "{customer: 5}"),
        ("rate_limit", ""), ("rate_limit", "100"), ("rate_limit", "0/minute"),
        ("cors_origins", "https://bot.example/"), ("cors_origins", "https://Bot.example"),
        ("cors_origins", "bot.example"),
        ("cors_origins", "https://bot.example:443"), ("cors_origins", "* https://bot.example"),
        ("cors_origins", "https://*.bot.example"), ("cors_origins", "null"), ("behind_tls", "perhaps"),
        ("trusted_proxies", "proxy.internal"), ("trusted_proxies", "10.0.0.5/8"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_name(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=key):
        load_settings(tmp_path, environment={f"PARLEY_{key.upper()}": value})


BAD_URLS = [
    "", "parley.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://u:sesame@h/d",
    "postgresql:/u:sesame@h/d", "postgresql+asyncpg://u:sesame@h/d", "postgresql://u:sesame@h:port/d", "postgresql://u:sesame/x@h/d",
    "postgresql://u:sesame#x@h/d", " postgresql://u:sesame@h/d",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_url_of_a_database_is_refused_without_quoting_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^database_url: expected sqlite:///FILE or postgresql://") as refused:
        load_settings(tmp_path, environment={"PARLEY_DATABASE_URL": url})

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cache:6379",
        "http://:sesame@cache",
        "redis://",
        "redis://:sesame@cache:port",
        "redis://:ses/ame@cache:1",
        "unix://",
    ],
)
def test_what_is_no_url_of_redis_is_refused_without_quoting_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^redis_url: expected redis://") as refused:
        load_settings(tmp_path, environment={"PARLEY_REDIS_URL": url})

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["redis://cache", "rediss://u:p@cache:6380/2", "unix:///run/redis", "unix://:p@/run/redis"]
)
def test_an_address_of_redis_is_accepted(tmp_path: Path, url: str) -> None:
    assert load_settings(tmp_path, environment={"PARLEY_REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("pattern", ["C-[0-9", "(?P<x", "*", "x{2,1}", "x*"])
def test_a_pattern_that_cannot_be_used_is_refused_by_name(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "given.yaml").write_text(f"redact:\n  ticket: T-[0-9]+\n  customer: '{pattern}'\n")

    with pytest.raises(ConfigurationError, match=r"^redact\.customer: "):
        load_settings(tmp_path, file=tmp_path / "given.yaml", environment={})
