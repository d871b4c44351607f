"""Only names that are safe as folder names are model names; a reference says which version is meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidModelNameError, InvalidModelReferenceError
from app.domain.model_reference import ModelReference, check_model_name

NAMES = ["a", "7", "smalltalk", "Desk-2.eu_west", "a-b", "a.b", "a_", "x" * 64, "active"]
NO_NAMES = [
    *("", " ", ".", "..", "-", "_", "a..b", "../a", "a/b", "a\\b", "/a", "C:", ".hidden", "-rf", "_a", "a.", "a-"),
    *("a b", " a", "a ", "a\n", "a\x00", "é", "модель", "١", "ａ", "a@b", "a%2e", "~", "*", "x" * 65),
]

characters = st.characters() | st.sampled_from("ab.-_/\\@19\x00\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_name_is_given_back(name):
    assert check_model_name(name) == name


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_what_is_no_safe_folder_name_is_no_model_name(name):
    with pytest.raises(InvalidModelNameError) as caught:
        check_model_name(name)

    assert caught.value.name == name
    assert caught.value.field == "model"


@settings(database=None, deadline=None)
@given(st.text(characters, max_size=70))
def test_no_text_at_all_escapes_from_its_folder(tmp_path_factory, text):
    folder = tmp_path_factory.getbasetemp()
    try:
        name = check_model_name(text)
    except InvalidModelNameError:
        return

    assert (folder / name).resolve().parent == folder.resolve()


@pytest.mark.parametrize("name", ["a-", "a."])
def test_the_rule_that_a_name_broke_is_told(name):
    with pytest.raises(InvalidModelNameError, match="ending"):
        check_model_name(name)


def test_a_name_too_long_to_show_is_cut_in_the_sentence():
    with pytest.raises(InvalidModelNameError) as caught:
        check_model_name("x" * 100_000)

    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("desk", ModelReference("desk")),
        ("desk@7", ModelReference("desk", version=7)),
        ("desk@999999999", ModelReference("desk", version=999_999_999)),
        ("desk@previous", ModelReference("desk", alias="previous")),
        ("desk@blue-green_2", ModelReference("desk", alias="blue-green_2")),
        ("desk@active", ModelReference("desk")),
    ],
)
def test_a_reference_is_a_name_and_perhaps_a_version_or_an_alias(text, reference):
    assert ModelReference.parse(text) == reference


def test_a_name_alone_means_the_active_version():
    reference = ModelReference.parse("desk")

    assert (reference.version, reference.alias) == (None, "active")


@pytest.mark.parametrize(
    "which",
    [
        "",
        "0",
        "07",
        "-1",
        "+7",
        "7.0",
        "1e3",
        "1" * 10,
        "7 ",
        " 7",
        "7\n",
        "٧",
        "Previous",
        "previous@7",
        "../x",
        "x" * 33,
    ],
    ids=ascii,
)
def test_what_is_neither_version_nor_alias_is_refused(which):
    with pytest.raises(InvalidModelReferenceError) as caught:
        ModelReference.parse(f"desk@{which}")

    assert caught.value.reference == f"desk@{which}"
    assert caught.value.field == "model"
    assert "write name, name@7 or name@alias" in str(caught.value)


@pytest.mark.parametrize("text", ["", "@7", "@previous", "../desk@7", "a..b@previous"])
def test_the_name_in_a_reference_is_a_model_name(text):
    with pytest.raises(InvalidModelNameError):
        ModelReference.parse(text)


@pytest.mark.parametrize("text", ["desk", "desk@7", "desk@previous"])
def test_a_reference_is_written_as_it_is_read(text):
    assert str(ModelReference.parse(text)) == text


def test_the_alias_that_needs_no_saying_is_not_written():
    assert str(ModelReference.parse("desk@active")) == "desk"


@settings(database=None, deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    st.integers(1, 999_999_999) | st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True),
)
def test_every_reference_that_is_read_is_written_so_that_it_reads_the_same(name, which):
    reference = ModelReference.parse(f"{name}@{which}")

    assert ModelReference.parse(str(reference)) == reference
