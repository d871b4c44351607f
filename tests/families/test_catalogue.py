"""Every module that is a family is found by its name, no other is, and finding one costs nothing it is not built on."""

import pytest

from app.domain.errors import InvalidValueError
from app.families.catalogue import family_named, family_names
from app.families.contract import Family
from app.families.model_config import resolve

# Families that are built on the features of another.
BUILT_ON = {"classical": {"bow"}, "hybrid": {"bow"}}

every_family = pytest.mark.parametrize("name", family_names())

IMPORTED = """
import sys
from app.families.catalogue import family_named
family_named({name!r})
print(*sorted(module for module in sys.modules if module.startswith("app.families.")))
print(*sorted({{"tensorflow", "keras", "onnxruntime", "nltk", "scipy", "sklearn"}} & sys.modules.keys()))
"""


def test_the_families_are_listed_by_name():
    assert {"bow", "classical", "hybrid", "lstm", "lstm_attention"} <= set(family_names())
    assert family_names() == sorted(family_names())


@every_family
def test_a_family_is_found_under_the_name_it_gives_itself(name):
    family = family_named(name)

    assert isinstance(family, Family)
    assert family.name == name
    assert resolve(family.config, {}, name).family == name


@every_family
def test_every_family_has_a_network_of_its_name(root, name):
    assert (root / "app" / "networks" / f"{name}.py").is_file()


@pytest.mark.parametrize(
    "name",
    ["", "Bow", "bow ", "contract", "catalogue", "model_config", "sequence_features", "../networks/bow", "bow.x"],
)
def test_what_is_no_family_is_refused_with_those_there_are(name):
    with pytest.raises(InvalidValueError) as refusal:
        family_named(name)

    assert str(refusal.value) == f"family: there is no family {name!r}; there are {', '.join(family_names())}"


@every_family
def test_finding_a_family_imports_what_it_is_built_on_and_nothing_heavy(python, name):
    done = python("-c", IMPORTED.format(name=name))

    ours, heavy = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    found = {module.rpartition(".")[2] for module in ours.split()} & set(family_names())
    assert found == {name, *BUILT_ON.get(name, ())}
    assert heavy == ""
