"""The tree of errors is as it is drawn, and each error builds its sentence from its facts."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from app.domain import (
    batch_errors,
    configuration_errors,
    damage_errors,
    draft_errors,
    errors,
    identity_errors,
    job_errors,
    load_errors,
    oauth_errors,
    outgoing_errors,
    page_errors,
    queue_errors,
    rate_limit_errors,
    served,
    storage_errors,
    training_errors,
    version_errors,
)
from app.domain.quotation import shortened

APP = Path(__file__).resolve().parents[2] / "app"


def drawn() -> dict[str, str | None]:
    """Read the tree of the module's docstring: each error and its parent."""
    parents: dict[str, str | None] = {}
    branch: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        entry = re.match(r" {4}((?:\|   |    )*)(\|-- |`-- )?([A-Z]\w+Error)\b", line)
        if entry:
            depth = len(entry[1]) // 4 + bool(entry[2])
            del branch[depth:]
            parents[entry[3]] = branch[-1] if branch else None
            branch.append(entry[3])
    return parents


@cache
def classes_outside_web() -> dict[str, list[str]]:
    """Find the classes of the package and their parents, without importing it: that would import TensorFlow."""
    found = {}
    for path in APP.rglob("*.py"):
        if path.relative_to(APP).parts[0] != "web":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found[node.name] = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    return found


def defined() -> dict[str, str | None]:
    """Follow the classes down from the root: each error and its parent."""
    parents: dict[str, str | None] = {"ParleyError": None}
    grown = 0
    while grown < len(parents):
        grown = len(parents)
        for name, bases in classes_outside_web().items():
            parents.update((name, base) for base in bases if base in parents)
    return parents


def test_every_error_is_drawn_in_the_tree_under_its_parent():
    assert drawn() == defined()


def test_every_error_of_the_tree_is_defined_beside_it():
    modules = (
        batch_errors,
        configuration_errors,
        damage_errors,
        draft_errors,
        errors,
        identity_errors,
        job_errors,
        load_errors,
        oauth_errors,
        outgoing_errors,
        page_errors,
        queue_errors,
        rate_limit_errors,
        served,
        storage_errors,
        training_errors,
        version_errors,
    )
    here = {name for module in modules for name, value in vars(module).items() if isinstance(value, type)}

    assert set(drawn()) <= here


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.UnknownIntentError("desk", ["a", "b"]), "model desk has no intent 'a', 'b'"),
        (errors.TooManyInputsError(1_001, 1_000, "texts"), "1,001 texts in one request; the limit is 1,000"),
        (errors.InputTooLongError(5_001, 5_000, "text"), "the text has 5,001 characters; the limit is 5,000"),
        (errors.ModelNotFoundError("desk"), "there is no model 'desk'"),
        (errors.VersionNotFoundError("desk", 7), "model 'desk' has no version 7"),
        (errors.AliasNotFoundError("desk", "blue"), "model 'desk' has no alias 'blue'"),
        (errors.ModelNotReadyError("desk"), "model 'desk' is still loading"),
        (errors.MissingScopeError("ada", "train"), "this needs the scope 'train'"),
        (configuration_errors.UnknownKeyError("x", "a.yaml", "y", ["y"]), "a.yaml: unknown key 'x'; did you mean 'y'?"),
        (
            configuration_errors.UnknownKeyError("x", "a.yaml", None, ["b", "a"]),
            "a.yaml: unknown key 'x'; known are a, b",
        ),
        (
            damage_errors.TruncatedFileError("desk/7/f", 10, 2_000),
            "desk/7/f has 10 bytes where its manifest says 2,000",
        ),
        (storage_errors.StorageUnavailableError("the database x", "away"), "the database x cannot be used: away"),
        (damage_errors.UnknownFormatError("desk/7/f", "9", 1), "desk/7/f has format version '9'; this Parley reads 1"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_sentence_is_built_from_the_facts(error, sentence):
    assert str(error) == sentence


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (errors.InvalidRequestError("this is wrong"), ""),
        (errors.InvalidModelNameError("/"), "model"),
        (errors.InvalidModelReferenceError("a@"), "model"),
        (errors.UnknownIntentError("desk", ["a"]), "intents"),
        (errors.TooManyInputsError(2, 1, "texts"), "texts"),
        (errors.InputTooLongError(2, 1, "texts[1]"), "texts[1]"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_refused_request_says_which_field_was_wrong(error, field):
    assert error.field == field


@pytest.mark.parametrize(("n_problems", "last"), [(1, "f:1: bad"), (20, "f:20: bad"), (21, "f: and 1 more like these")])
def test_twenty_problems_are_named_and_the_rest_counted(n_problems, last):
    error = training_errors.UnreadableDataError("f", [(line, "bad") for line in range(1, n_problems + 1)])

    assert str(error).splitlines()[-1] == last
    assert len(str(error).splitlines()) == min(n_problems, 21)
    assert len(error.problems) == n_problems


def test_a_problem_without_a_line_names_the_file_alone():
    assert str(training_errors.UnreadableDataError("f", [(None, "bad"), (2, "worse")])) == "f: bad\nf:2: worse"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "''"),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 60 + "…")),
        ("a\nb", r"'a\nb'"),
        ("\ud83d", r"'\ud83d'"),
    ],
    ids=ascii,
)
def test_what_somebody_sent_is_quoted_in_one_line_and_cut(text, shown):
    assert shortened(text) == shown
