"""Where settings come from: defaults, a file, the environment, flags; what is mistaken in them is told by name."""

from pathlib import Path

import pytest

from app.domain.configuration_errors import UnknownKeyError
from app.domain.errors import ConfigurationError
from app.settings import load_settings


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


@pytest.mark.parametrize("content", ["a: b: c", "[1, 2]", "port", "\0", "!!python/object/apply:os.getpid []"])
def test_a_file_that_is_not_keys_and_values_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigurationError, match=r"given\.yaml"):
        load_settings(tmp_path, file=_file(tmp_path, content), environment={})


@pytest.mark.parametrize(
    "line",
    ["port: true", "port: [1]", "host: 5", "host: null", "models_dir: 5", "var_dir: null", "admin_password: 12345"],
)
def test_a_value_of_the_wrong_type_in_the_file_is_refused_by_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError, match=line.partition(":")[0]):
        load_settings(tmp_path, file=_file(tmp_path, line), environment={})


@pytest.mark.parametrize(("key", "folder"), [("models_dir", "models"), ("var_dir", "var")])
def test_relative_folders_start_at_the_root(tmp_path: Path, key: str, folder: str) -> None:
    assert getattr(load_settings(tmp_path, environment={}), key) == tmp_path / folder


def test_a_relative_log_file_starts_at_the_root(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_LOG_FILE": "var/parley.log"})

    assert settings.log_file == tmp_path / "var/parley.log"


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


def test_a_password_that_looks_like_another_type_stays_as_typed(tmp_path: Path) -> None:
    assert (
        load_settings(tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "0123456789.5e7"}).admin_password
        == "0123456789.5e7"
    )


@pytest.mark.parametrize("written", ["10.0.0.0/8,192.0.2.1", " 10.0.0.0/8 192.0.2.1\n", "10.0.0.0/8, 192.0.2.1"])
def test_a_list_may_be_written_as_one_text(tmp_path: Path, written: str) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_TRUSTED_PROXIES": written})

    assert settings.trusted_proxies == ("10.0.0.0/8", "192.0.2.1")
