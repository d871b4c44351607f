"""Settings come from flags, environment, file and defaults, in that order, and wrong ones are refused by name."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from app.domain.configuration_errors import UnknownKeyError
from app.domain.errors import ConfigurationError, InvalidValueError
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


def _file(folder: Path, content: str) -> Path:
    (folder / "given.yaml").write_text(content)
    return folder / "given.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a service file that sets the port."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/service.yaml").write_text("port: 7001\n")
    return tmp_path


def test_the_file_wins_over_the_default(root: Path) -> None:
    settings = load_settings(root, environment={})

    assert (settings.port, settings.host) == (7001, "127.0.0.1")


def test_the_environment_wins_over_the_file(root: Path) -> None:
    assert load_settings(root, environment={"PARLEY_PORT": "7002"}).port == 7002


def test_a_flag_wins_over_the_environment(root: Path) -> None:
    settings = load_settings(root, environment={"PARLEY_PORT": "7002"}, flags={"port": 7003})

    assert settings.port == 7003


def test_a_flag_that_was_not_given_decides_nothing(root: Path) -> None:
    assert load_settings(root, environment={}, flags={"port": None}).port == 7001


def test_this_list_knows_every_setting() -> None:
    assert set(NEITHER_DEFAULT) == set(Settings.__struct_fields__)


@pytest.mark.parametrize(("key", "value"), NEITHER_DEFAULT.items())
def test_every_setting_can_be_given_in_the_environment(tmp_path: Path, key: str, value: object) -> None:
    settings = load_settings(tmp_path, environment={f"PARLEY_{key.upper()}": _written(value)}, flags=BESIDE.get(key))

    assert getattr(settings, key) == value


@pytest.mark.parametrize(("key", "value"), NEITHER_DEFAULT.items())
def test_every_setting_can_be_given_in_the_file(tmp_path: Path, key: str, value: object) -> None:
    settings = load_settings(
        tmp_path, file=_file(tmp_path, f"{key}: {_in_yaml(value)}\n"), environment={}, flags=BESIDE.get(key)
    )

    assert getattr(settings, key) == value


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


@pytest.mark.parametrize(("key", "folder"), [("models_dir", "models"), ("var_dir", "var")])
def test_relative_folders_start_at_the_root(tmp_path: Path, key: str, folder: str) -> None:
    assert getattr(load_settings(tmp_path, environment={}), key) == tmp_path / folder


def test_a_relative_log_file_starts_at_the_root(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_LOG_FILE": "var/parley.log"})

    assert settings.log_file == tmp_path / "var/parley.log"


def test_a_password_that_looks_like_another_type_stays_as_typed(tmp_path: Path) -> None:
    assert (
        load_settings(tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "0123456789.5e7"}).admin_password
        == "0123456789.5e7"
    )


def test_without_a_service_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path, environment={}).port == 8080


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: cannot be read"):
        load_settings(tmp_path, file=tmp_path / "absent.yaml", environment={})


def test_the_service_file_as_shipped_is_accepted(request: pytest.FixtureRequest) -> None:
    assert load_settings(request.config.rootpath, environment={}).default_model == "smalltalk"


def test_an_unknown_key_names_its_file_and_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownKeyError, match=r"given\.yaml: unknown key 'prot'; did you mean 'port'\?"):
        load_settings(tmp_path, file=_file(tmp_path, "prot: 1"), environment={})


def test_an_environment_variable_with_a_slip_is_refused_rather_than_without_effect(tmp_path: Path) -> None:
    with pytest.raises(UnknownKeyError, match=r"PARLEY_MODEL_DIR.*PARLEY_MODELS_DIR"):
        load_settings(tmp_path, environment={"PARLEY_MODEL_DIR": "/models"})


def test_variables_of_others_are_let_alone(tmp_path: Path) -> None:
    others = {"PARLEY_OF_OURS": "x", "PORT": "1", "HOST": "x"}

    assert load_settings(tmp_path, environment=others) == load_settings(tmp_path, environment={})


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


@pytest.mark.parametrize(
    "line",
    ["port: true", "port: [1]", "host: 5", "host: null", "models_dir: 5", "var_dir: null", "admin_password: 12345"],
)
def test_a_value_of_the_wrong_type_in_the_file_is_refused_by_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError, match=line.partition(":")[0]):
        load_settings(tmp_path, file=_file(tmp_path, line), environment={})


@pytest.mark.parametrize("content", ["a: b: c", "[1, 2]", "port", "\0", "!!python/object/apply:os.getpid []"])
def test_a_file_that_is_not_keys_and_values_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigurationError, match=r"given\.yaml"):
        load_settings(tmp_path, file=_file(tmp_path, content), environment={})


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


@pytest.mark.parametrize("written", ["10.0.0.0/8,192.0.2.1", " 10.0.0.0/8 192.0.2.1\n", "10.0.0.0/8, 192.0.2.1"])
def test_a_list_may_be_written_as_one_text(tmp_path: Path, written: str) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_TRUSTED_PROXIES": written})

    assert settings.trusted_proxies == ("10.0.0.0/8", "192.0.2.1")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///log.db", "sqlite:///{root}/log.db"),
        ("sqlite:////var/log.db", "sqlite:////var/log.db"),
        ("postgres://db/log", "postgres://db/log"),
        ("postgresql://u@/log?host=/run/postgresql", "postgresql://u@/log?host=/run/postgresql"),
    ],
)
def test_a_file_of_a_database_starts_at_the_root_too(tmp_path: Path, given: str, meant: str) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_DATABASE_URL": given})

    assert settings.database_url == meant.format(root=tmp_path)


@pytest.mark.parametrize("pattern", ["C-[0-9", "(?P<x", "*", "x{2,1}", "x*"])
def test_a_pattern_that_cannot_be_used_is_refused_by_name(tmp_path: Path, pattern: str) -> None:
    content = f"redact:\n  ticket: T-[0-9]+\n  customer: '{pattern}'\n"

    with pytest.raises(ConfigurationError, match=r"^redact\.customer: "):
        load_settings(tmp_path, file=_file(tmp_path, content), environment={})


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
