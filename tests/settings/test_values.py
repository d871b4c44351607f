"""Every setting can be given in each way, is kept, and shows no secret."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from app.settings import Settings, load_settings
from app.settings.contract_terms import ContractTerms

NEITHER_DEFAULT = {
    "host": "0.0.0.0",
    "port": 9999,
    "workers": 5,
    "threads": 3,
    "models_dir": Path("/elsewhere/models"),
    "var_dir": Path("/elsewhere/var"),
    "admin_password": "open, sesame, open",
    "default_model": "other@previous",
    "preload": "tiny,other",
    "memory_budget_mb": 77,
    "keep_versions": 3,
    "watch_s": 600.0,
    "watch_least": 50,
    "watch_fallbacks": 0.1,
    "watch_slower": 2.0,
    "max_archive_mb": 9,
    "max_body_bytes": 2048,
    "max_upload_bytes": 4096,
    "max_text_chars": 7,
    "max_texts": 5,
    "cached_texts": 50,
    "max_wait_s": 0.25,
    "answer_within_s": 9.0,
    "head_within_s": 3.0,
    "body_within_s": 4.0,
    "idle_s": 30.0,
    "max_connections": 99,
    "drain_s": 2.5,
    "drain_grace_s": 1.5,
    "heartbeat_limit_s": 6.0,
    "start_limit_s": 60.0,
    "log_level": "debug",
    "log_format": "json",
    "log_file": Path("/elsewhere/parley.log"),
    "log_file_mb": 7,
    "log_file_backups": 0,
    "database_url": "postgresql://parley:sesame@db:5433/log",
    "request_log": False,
    "request_log_queue": 77,
    "request_log_batch": 7,
    "request_log_interval_s": 0.5,
    "retention_days": 8,
    "log_text": True,
    "text_retention_days": 2,
    "redact": {"customer": "C-[0-9]+"},
    "contracts": {"spawn": ContractTerms(model="tiny", open=True, translate="string:capwords")},
    "configs_dir": Path("/elsewhere/configs"),
    "job_workers": 3,
    "job_threads": 2,
    "job_time_limit_s": 60.0,
    "job_memory_mb": 777,
    "job_lost_after_s": 7.0,
    "max_queued_jobs": 5,
    "max_queued_predictions": 7,
    "keep_results_s": 60.0,
    "prediction_lost_after_s": 9.0,
    "max_batch_lines": 777,
    "batch_result_mb": 7,
    "batch_kept_s": 60.0,
    "queue_key": "open sesame, close sesame, open sesame",
    "max_examples": 77,
    "callback_allow": ("hooks.example:8443", "http://10.0.0.0/8"),
    "callback_secret": "open sesame, open sesame",
    "signing_key": "open sesame, open sesame, open sesame",
    "require_signed_models": True,
    "redis_url": "redis://:sesame@cache:6380/1",
    "rate_limit": "10/second; 1000/hour",
    "trusted_proxies": ("10.0.0.0/8", "192.0.2.1"),
    "cors_origins": ("https://bot.example", "http://localhost:3000"),
    "behind_tls": True,
    "tls_certificate": Path("/elsewhere/parley.pem"),
    "tls_key": Path("/elsewhere/parley.key"),
    "public_url": "https://parley.example",
    "token_format": "jwt",
    "token_algorithm": "ES256",
    "token_life_s": 600,
    "refresh_token_life_s": 6_000,
    "oauth_old_grants": ("password", "implicit"),
    "oidc_issuer": "https://id.example/shop",
    "oidc_audience": "parley",
    "oidc_scopes_claim": "scp",
    "oidc_allow": ("id.example", "http://10.0.0.0/8"),
}


BESIDE: dict[str, dict[str, object]] = {
    "token_format": {"public_url": "https://parley.example"},
    "oidc_issuer": {"oidc_audience": "parley"},
    "tls_certificate": {"tls_key": NEITHER_DEFAULT["tls_key"]},
    "tls_key": {"tls_certificate": NEITHER_DEFAULT["tls_certificate"]},
    "require_signed_models": {"signing_key": NEITHER_DEFAULT["signing_key"]},
}
"""What a setting makes no sense without."""


def _written(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else _in_yaml(value)


def _in_yaml(value: object) -> str:
    return str([*value] if isinstance(value, tuple) else to_builtins(value) if isinstance(value, dict) else value)


def test_this_list_knows_every_setting() -> None:
    assert set(NEITHER_DEFAULT) == set(Settings.__struct_fields__)


@pytest.mark.parametrize(("key", "value"), NEITHER_DEFAULT.items())
def test_every_setting_can_be_given_in_the_environment(tmp_path: Path, key: str, value: object) -> None:
    settings = load_settings(tmp_path, environment={f"PARLEY_{key.upper()}": _written(value)}, flags=BESIDE.get(key))

    assert getattr(settings, key) == value


@pytest.mark.parametrize(("key", "value"), NEITHER_DEFAULT.items())
def test_every_setting_can_be_given_in_the_file(tmp_path: Path, key: str, value: object) -> None:
    (tmp_path / "given.yaml").write_text(f"{key}: {_in_yaml(value)}\n")

    settings = load_settings(tmp_path, file=tmp_path / "given.yaml", environment={}, flags=BESIDE.get(key))

    assert getattr(settings, key) == value


@pytest.mark.parametrize("shown", [repr, str, "{}".format, lambda settings: repr([settings])])
def test_no_password_is_shown(tmp_path: Path, shown: Any) -> None:
    given = {
        "PARLEY_ADMIN_PASSWORD": "open, sesame, open",
        "PARLEY_DATABASE_URL": "postgresql://parley:sesame@db/log",
        "PARLEY_REDIS_URL": "redis://:sesame@cache/0",
        "PARLEY_CALLBACK_SECRET": "sesame, open wide and shut",
    }
    settings = load_settings(tmp_path, environment=given)

    assert "sesame" not in shown(settings)


def test_settings_cannot_be_changed_after_they_were_read(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={})

    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]
