"""Whatever happens to a model in the folder is noticed within a few looks, and nothing else is."""

import os
import shutil

import pytest

from app.registry.watch import LOOKS_FOR_ALL, RegistryWatch


@pytest.fixture
def folder(tmp_path):
    for name in ("flights", "tiny"):
        model(tmp_path / "models", name)
    return tmp_path / "models"


@pytest.fixture
def watch(folder):
    """A watch that has seen the folder as it stands."""
    watch = RegistryWatch(folder)
    watch.look()
    watch.look()
    return watch


def model(folder, name):
    (folder / name / "1").mkdir(parents=True)
    (folder / name / "aliases.json").write_text("{}")


def replace(path, content):
    new = path.with_name("new")
    new.write_text(content)
    new.replace(path)


def seen_by(watch, looks=LOOKS_FOR_ALL):
    return set().union(*(watch.look() for _ in range(looks)))


def test_everything_is_new_at_first(folder):
    assert RegistryWatch(folder).look() == {"flights", "tiny"}


def test_of_what_is_new_at_first_only_what_changed_last_is_looked_at_twice(folder):
    aliases = folder / "flights" / "aliases.json"
    newest = (folder / "tiny" / "aliases.json").stat().st_mtime
    os.utime(aliases, (newest - 3, newest - 3))
    watch = RegistryWatch(folder)

    assert [watch.look(), watch.look(), watch.look()] == [{"flights", "tiny"}, {"tiny"}, set()]


def test_nothing_is_looked_at_twice_where_all_changed_long_ago(folder):
    for name in ("flights", "tiny"):
        os.utime(folder / name / "aliases.json", (0, 0))
    watch = RegistryWatch(folder)

    assert [watch.look(), watch.look()] == [{"flights", "tiny"}, set()]


def test_where_nothing_happens_nothing_is_noticed(watch):
    assert seen_by(watch) == set()


def test_aliases_that_were_replaced_are_noticed(folder, watch):
    replace(folder / "tiny" / "aliases.json", "{}")

    assert watch.look() == {"tiny"}


def test_aliases_that_were_written_over_are_noticed(folder, watch):
    (folder / "tiny" / "aliases.json").write_text("{ }")

    assert watch.look() == {"tiny"}


def test_what_has_changed_is_looked_at_twice_since_it_may_change_again_within_a_tick_of_the_clock(folder, watch):
    replace(folder / "tiny" / "aliases.json", "{}")

    assert [watch.look() for _ in range(3)] == [{"tiny"}, {"tiny"}, set()]


def test_a_model_that_comes_is_noticed(folder, watch):
    model(folder, "support")

    assert seen_by(watch) == {"support"}


def test_a_model_that_goes_is_noticed(folder, watch):
    shutil.rmtree(folder / "tiny")

    assert seen_by(watch) == {"tiny"}


def test_a_model_that_is_renamed_is_noticed_under_both_names(folder, watch):
    (folder / "tiny").rename(folder / "small")

    assert seen_by(watch) == {"tiny", "small"}


def test_a_model_in_the_place_of_another_is_noticed(folder, watch):
    model(folder, "new")
    watch.look()
    (folder / "tiny").rename(folder.parent / "old")
    (folder / "new").rename(folder / "tiny")

    assert "tiny" in seen_by(watch)


def test_versions_that_come_before_their_aliases_are_noticed(folder, watch):
    (folder / "support").mkdir()
    seen_by(watch)

    (folder / "support" / "1").mkdir()

    assert seen_by(watch) == {"support"}


def test_a_folder_that_comes_later_is_noticed_with_what_is_in_it(tmp_path):
    watch = RegistryWatch(tmp_path / "models")
    assert watch.look() == set()

    model(tmp_path / "models", "tiny")

    assert watch.look() == {"tiny"}


def test_a_folder_that_is_gone_is_no_folder_without_models(folder, watch):
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(FileNotFoundError):
        watch.look()
    folder.with_name("elsewhere").rename(folder)
    assert seen_by(watch) == set()


def test_of_many_models_each_look_takes_a_part_and_a_few_take_all(tmp_path):
    names = [f"model-{number:03}" for number in range(400)]
    for name in names:
        model(tmp_path, name)
    watch = RegistryWatch(tmp_path)
    watch.look()
    watch.look()
    for name in names:
        replace(tmp_path / name / "aliases.json", "{}")

    looks = [watch.look() for _ in range(LOOKS_FOR_ALL + 1)]

    assert set().union(*looks) == set(names)
    assert max(map(len, looks)) <= 2 * len(names) / LOOKS_FOR_ALL


def test_a_name_that_is_no_text_is_told_as_it_can_be(folder, watch):
    os.mkdir(os.fsencode(folder) + b"/caf\xe9")  # noqa: PTH102 - a path of bytes

    assert watch.look() == {"caf?"}


@pytest.mark.parametrize("link", ["tiny", "nowhere", "loop"])
def test_a_link_does_not_stop_a_look(folder, watch, link):
    (folder / "loop").symlink_to(folder / link)

    assert watch.look() == {"loop"}
