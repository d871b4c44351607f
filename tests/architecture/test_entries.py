"""Entries are thin, modules are small and say what they are for, and what can be set is written down."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

import app
from app.families.catalogue import family_named, family_names
from app.families.model_config import ModelConfig, TrainingConfig
from app.planning.auto_config import AUTO, AutoConfig
from app.planning.plan import DataPlan
from app.settings import Settings
from app.text.analyzer import TextConfig

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py"))
WITH_EXAMPLES = (ROOT / "docs/configuration.md").read_text()
# In examples a comment looks like a heading.
CONFIGURATION = re.sub(r"```.*?```", "", WITH_EXAMPLES, flags=re.DOTALL)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _section(heading: str) -> str:
    """Give what stands below a heading, up to the next of its rank or above."""
    rank = len(heading) - len(heading.lstrip("#"))
    next_one = rf"(?=^#{{1,{rank}}} |\Z)"
    found = re.search(rf"^{re.escape(heading)}\n(.*?){next_one}", CONFIGURATION, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def _documented(section: str) -> dict[str, str]:
    """Give the defaults in the table of a section, by key."""
    return {key: default.strip() for key, default in re.findall(r"^\| `([\w.]+)` \|([^|]*)\|", section, re.MULTILINE)}


def _defaults(config: type[msgspec.Struct], prefix: str = "") -> list[tuple[str, object]]:
    """Give the keys of a configuration that are values, not groups of keys."""
    return [
        (prefix + field.name, field.default)
        for field in msgspec.structs.fields(config)
        if not (isinstance(field.type, type) and issubclass(field.type, msgspec.Struct))
    ]


def _values(group: msgspec.Struct, prefix: str) -> list[tuple[str, object]]:
    """Give the keys of a group, dotted where they are nested, with what a family sets them to."""
    values: list[tuple[str, object]] = []
    for key in group.__struct_fields__:
        value = getattr(group, key)
        values += _values(value, f"{prefix}{key}.") if isinstance(value, msgspec.Struct) else [(prefix + key, value)]
    return values


def _written(default: object) -> str:
    if default is msgspec.NODEFAULT or default is None or default == ():
        return "none"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


TRAINING = {
    family: family_named(family).config().training  # type: ignore[call-arg]  # each family's own `family` has a default
    for family in family_names()
}
# What families do not agree on stands in each family's section.
BY_FAMILY = [key for key in TrainingConfig.__struct_fields__ if len({getattr(t, key) for t in TRAINING.values()}) > 1]
OF_EVERY_MODEL = [
    *(item for item in _defaults(ModelConfig) if item[0] != "family"),
    *_defaults(TextConfig, "text."),
    *_defaults(TrainingConfig, "training."),
]
OF_FAMILIES = [
    *(
        (family, *item)
        for family in family_names()
        for part in ("features", "network")
        for item in _values(getattr(family_named(family).config(), part), f"{part}.")  # type: ignore[call-arg]  # as above
    ),
    *((AUTO, *item) for item in _values(AutoConfig().search, "search.")),
]


@pytest.mark.parametrize("entry", ["serve_tornado.py", "train.py"])
def test_an_entry_is_short(entry: str) -> None:
    assert len((ROOT / entry).read_text().splitlines()) < 60


@pytest.mark.parametrize("entry", ["serve_tornado.py", "train.py"])
def test_an_entry_puts_together_and_computes_nothing(entry: str) -> None:
    tree = ast.walk(ast.parse((ROOT / entry).read_text()))
    imported = {
        name.partition(".")[0]
        for node in tree
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert imported - sys.stdlib_module_names <= {"app", "click"}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_is_small_enough_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = re.compile(r"(utils?|helpers?|common|misc|base|shared|tools)")

    assert [
        _name(path) for path in MODULES if any(drawers.fullmatch(part) for part in (path.stem, path.parent.name))
    ] == []


@pytest.mark.parametrize(("key", "default"), _defaults(Settings))
def test_a_setting_is_documented_with_its_default(key: str, default: object) -> None:
    assert _documented(_section("## The server"))[key] == _written(default)


@pytest.mark.parametrize(("key", "default"), OF_EVERY_MODEL)
def test_a_key_of_every_model_is_documented_with_its_default(key: str, default: object) -> None:
    written = "by family" if key.removeprefix("training.") in BY_FAMILY else _written(default)

    assert _documented(_section("## A model"))[key] == written


def test_the_example_of_a_model_is_the_file_that_it_names() -> None:
    [(path, content)] = re.findall(r"```yaml\n# (config/models/\S+)\n(.*?)```", WITH_EXAMPLES, re.DOTALL)

    assert content == (ROOT / path).read_text()


@pytest.mark.parametrize("key", DataPlan.__struct_fields__)
def test_a_key_about_data_is_documented(key: str) -> None:
    assert key in _documented(_section("## A model"))


@pytest.mark.parametrize(("family", "key", "default"), OF_FAMILIES)
def test_a_key_of_a_family_is_documented_with_its_default(family: str, key: str, default: object) -> None:
    assert _documented(_section(f"### Family `{family}`"))[key] == _written(default)


@pytest.mark.parametrize("key", BY_FAMILY)
@pytest.mark.parametrize("family", family_names())
def test_what_a_family_trains_with_is_documented(family: str, key: str) -> None:
    section = " ".join(_section(f"### Family `{family}`").split())

    assert f"`training.{key}` is {getattr(TRAINING[family], key):g}." in section


def test_the_version_is_the_newest_of_the_changelog() -> None:
    [newest, *_] = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert app.__version__ == newest


def test_the_version_is_that_of_the_package() -> None:
    assert app.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
