"""A version answers where the gate lets it; one call brings the one before it back; who did what is kept."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.audit import Deed
from app.domain.errors import (
    AliasNotFoundError,
    ModelNotFoundError,
    ModelUnavailableError,
    VersionNotFoundError,
)
from app.domain.example import Example
from app.domain.job import Activation
from app.domain.served import NotServedError, Served
from app.domain.storage_errors import StorageUnavailableError
from app.domain.version_errors import (
    GateRefusedError,
    InvalidAliasError,
    NoPreviousVersionError,
    ReportNotFoundError,
    UnservableVersionError,
    UnusableArchiveError,
    VersionInUseError,
)
from app.evaluation.checks import Checks, FrozenText, MustCase
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.model_loader import ModelLoader
from app.service.served_everywhere import ServedEverywhere
from app.service.versions import Versions
from tests.conftest import TINY
from tests.deeds import ListedDeeds
from tests.registries import flip_a_bit, network_that_gives

LEARNED = [Example(text, intent) for intent, texts in TINY.items() for text in texts]
SHUFFLED = {"bill": "booking", "booking": "weather", "weather": "bill"}
"""Three intents whose labels are planted wrongly; `greeting` is left."""


@pytest.fixture
def store(registry: Path) -> ModelRegistry:
    return ModelRegistry(registry)


@pytest.fixture
def deeds() -> ListedDeeds:
    return ListedDeeds()


@pytest.fixture
def versions(store: ModelRegistry, deeds: ListedDeeds) -> Versions:
    return wired(store, deeds)


def wired(store: ModelRegistry, deeds: ListedDeeds, **more: Any) -> Versions:
    return Versions(store, ModelLoader(store, lambda _: None).load, deeds, **more)


@pytest.fixture(scope="session")
def damaged_models(once: Callable[..., Path], python: Callable[..., Any]) -> Path:
    """A registry of `tiny` trained on the same texts, the labels of three intents shuffled."""

    def train(folder: Path) -> None:
        rows = [f"{text}\t{SHUFFLED.get(intent, intent)}\n" for intent, texts in TINY.items() for text in texts]
        (folder / "shuffled.tsv").write_text("text\tintent\n" + "".join(rows))
        flags = ("--model", "tiny", "--family", "bow", "--set", "training.epochs=12")
        done = python(
            "train.py", "--force", *flags, "--data", folder / "shuffled.tsv", "--models-dir", folder / "models"
        )
        assert done.returncode == 0, done.stderr

    return once("damaged-models", train) / "models"


@pytest.fixture
def damaged(damaged_models: Path, store: ModelRegistry, versions: Versions) -> int:
    """The number of a version with planted damage, which does not answer; the checks are what the models learned."""
    versions.keep_checks("tiny", LEARNED)
    files = {path.name for path in (damaged_models / "tiny/1").iterdir()}
    stored = ModelRegistry(damaged_models).load("tiny", 1, files)
    return store.publish("tiny", stored.files, stored.manifest.facts, activate=False).version


def published(store: ModelRegistry, **files: bytes) -> int:
    """Publish version 1 of `tiny` again, not to answer yet, with other files in it."""
    stored = store.load("tiny", 1, SERVED_FILES)
    others = {path.replace("_onnx", ".onnx"): data for path, data in files.items()}
    return store.publish("tiny", {**stored.files, **others}, stored.manifest.facts, activate=False).version


def answers(store: ModelRegistry, versions: Versions, which: str = "active", name: str = "tiny") -> list[Any]:
    loaded = ModelLoader(store, lambda _: None).load(name, versions.number(name, which))
    return loaded.pipeline.predict([example.input for example in LEARNED], top_k=4)


def test_a_version_with_labels_shuffled_for_three_intents_is_refused_with_those_named(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    before = store.aliases("tiny")

    with pytest.raises(GateRefusedError) as caught:
        versions.activate("tiny", damaged, "ada")

    named = {intent for intent in TINY for sentence in caught.value.regressions if f"intent '{intent}':" in sentence}
    assert named == set(SHUFFLED)
    assert store.aliases("tiny") == before
    assert deeds.told == []


def test_it_is_forced_and_that_is_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    aliases = versions.activate("tiny", damaged, "ada", force=True)

    assert aliases == store.aliases("tiny") == {"original": 1, "active": damaged, "previous": 2}
    [told] = deeds.told
    assert told[:4] == ("ada", Deed.FORCE, "tiny", damaged)
    assert told.details["intents"] == sorted(SHUFFLED)
    assert all(str(example.input) not in str(told.details) for example in LEARNED)


def test_one_rollback_restores_the_answers_before_byte_for_byte(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    before = answers(store, versions)
    versions.activate("tiny", damaged, "ada", force=True)
    assert answers(store, versions) != before

    aliases = versions.roll_back("tiny", "ada")

    assert aliases == {"original": 1, "active": 2, "previous": damaged}
    assert answers(store, versions) == before
    assert deeds.told[-1][:4] == ("ada", Deed.ROLL_BACK, "tiny", 2)


def test_nothing_is_forced_that_cannot_be_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    deeds.is_away = True

    with pytest.raises(StorageUnavailableError):
        versions.activate("tiny", damaged, "ada", force=True)

    assert store.aliases("tiny")["active"] == 2


def test_a_rollback_works_while_the_audit_log_is_away_and_the_log_has_it(
    versions: Versions, deeds: ListedDeeds, caplog: pytest.LogCaptureFixture
) -> None:
    deeds.is_away = True

    assert versions.roll_back("tiny", "ada")["active"] == 1
    assert "not in the audit log: 'roll_back', of tiny version 1, by 'ada'" in caplog.text


def test_a_version_that_is_as_good_is_activated_and_the_one_before_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds
) -> None:
    versions.keep_checks("tiny", LEARNED)
    version = published(store)

    assert versions.activate("tiny", version, "ada") == {"original": 1, "active": version, "previous": 2}
    assert [told[:4] for told in deeds.told] == [("ada", Deed.ACTIVATE, "tiny", version)]


def test_without_checks_there_is_no_gate(versions: Versions, store: ModelRegistry) -> None:
    silent = published(store, model_onnx=network_that_gives(0.0))

    assert versions.activate("tiny", silent, "ada")["active"] == silent


def test_to_activate_what_is_active_changes_nothing(versions: Versions, deeds: ListedDeeds) -> None:
    assert versions.activate("tiny", 2, "ada") == {"original": 1, "active": 2, "previous": 1}
    assert deeds.told == []


def test_a_case_that_must_be_so_is_enough_to_refuse(versions: Versions, store: ModelRegistry) -> None:
    versions.change_checks("tiny", Checks(must=[MustCase("will it rain", "bill")]), "ada")

    with pytest.raises(GateRefusedError, match="'will it rain' must be 'bill', and is answered 'weather'"):
        versions.activate("tiny", published(store), "ada")


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        (network_that_gives(float("nan")), "scores that are not finite"),
        (network_that_gives(0.0, n_scores=3), "3 scores where 4 are needed"),
        (b"no network", "not a network"),
    ],
    ids=["nan", "another number of classes", "no network"],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_version_that_cannot_answer_is_refused_before_an_alias_moves(
    versions: Versions, store: ModelRegistry, network: bytes, problem: str, *, force: bool
) -> None:
    before, aliases = answers(store, versions), store.aliases("tiny")
    version = published(store, model_onnx=network)

    with pytest.raises(UnservableVersionError, match=problem):
        versions.activate("tiny", version, "ada", force=force)

    assert store.aliases("tiny") == aliases
    assert answers(store, versions) == before


def test_a_damaged_version_is_not_gone_back_to(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/1/model.onnx")

    with pytest.raises(UnservableVersionError, match=r"tiny/1/model\.onnx has changed"):
        versions.roll_back("tiny", "ada")

    assert store.aliases("tiny")["active"] == 2


def test_where_the_active_version_is_damaged_another_can_take_its_place(
    versions: Versions, store: ModelRegistry
) -> None:
    versions.keep_checks("tiny", LEARNED)
    version = published(store)
    flip_a_bit(store.folder / "tiny/2/model.onnx")

    assert versions.activate("tiny", version, "ada")["active"] == version


@pytest.mark.parametrize(
    ("name", "version", "error"), [("tiny", 9, VersionNotFoundError), ("nobody", 1, ModelNotFoundError)]
)
def test_what_is_not_there_is_not_activated(versions: Versions, name: str, version: int, error: Any) -> None:
    with pytest.raises(error):
        versions.activate(name, version, "ada")


def test_where_nothing_was_active_before_there_is_nothing_to_go_back_to(versions: Versions) -> None:
    with pytest.raises(NoPreviousVersionError, match="'tinyseq' has no version to go back to"):
        versions.roll_back("tinyseq", "ada")


def test_rolling_back_twice_changes_nothing(versions: Versions, store: ModelRegistry) -> None:
    before = store.aliases("tiny")
    versions.roll_back("tiny", "ada")
    versions.roll_back("tiny", "ada")

    assert store.aliases("tiny") == before


def test_rollbacks_beside_publishes_leave_aliases_that_agree(versions: Versions, store: ModelRegistry) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    failed: list[Exception] = []

    def roll_back() -> None:
        try:
            for _ in range(8):
                versions.roll_back("tiny", "ada")
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    other = threading.Thread(target=roll_back)
    other.start()
    for _ in range(8):
        newest = store.publish("tiny", stored.files, stored.manifest.facts).version
        aliases = store.aliases("tiny")
        assert aliases["active"] != aliases["previous"]
    other.join()

    assert failed == []
    assert store.versions("tiny") == list(range(1, newest + 1))
    assert {store.aliases("tiny")[alias] for alias in ("active", "previous")} <= set(store.versions("tiny"))


class _Announced:
    """One worker that answers by a version, having seen aliases of that signature."""

    def __init__(self, store: ModelRegistry, version: int) -> None:
        self._store, self._version = store, version

    def announce(self, served: Any) -> None: ...
    def withdraw(self) -> None: ...
    def of_the_living(self) -> dict[str, dict[str, Served]]:
        return {"worker": {"tiny": Served(self._version, self._store.aliases_signature("tiny"))}}


def test_a_worker_that_answers_by_another_version_is_told_of(store: ModelRegistry, deeds: ListedDeeds) -> None:
    everywhere = ServedEverywhere(_Announced(store, 2), store.aliases_signature)
    versions = wired(store, deeds, everywhere=everywhere)

    with pytest.raises(NotServedError, match="it answers by version 2"):
        versions.activate("tiny", 1, "ada")
    with pytest.raises(NotServedError):
        wired(store, deeds, everywhere=ServedEverywhere(_Announced(store, 9), store.aliases_signature)).roll_back(
            "tiny", "ada"
        )


def test_where_all_answer_by_it_activation_is_told_at_once(store: ModelRegistry, deeds: ListedDeeds) -> None:
    versions = wired(store, deeds, everywhere=ServedEverywhere(_Announced(store, 1), store.aliases_signature))

    assert versions.activate("tiny", 1, "ada")["active"] == 1


def test_a_trained_version_that_is_not_to_answer_does_not(versions: Versions, store: ModelRegistry) -> None:
    is_active, notes, regressions = versions.activate_trained("tiny", published(store), Activation.NO, "ada")

    assert (is_active, notes, regressions) == (False, ("it was not to be activated",), ())


def test_a_trained_version_that_is_worse_is_told_and_not_raised(versions: Versions, damaged: int) -> None:
    is_active, _, regressions = versions.activate_trained("tiny", damaged, Activation.YES, "ada")

    assert not is_active
    assert any("intent 'bill'" in sentence for sentence in regressions)


def test_a_trained_version_that_cannot_answer_is_told_and_not_raised(versions: Versions, store: ModelRegistry) -> None:
    version = published(store, model_onnx=network_that_gives(float("nan")))

    is_active, _, [regression] = versions.activate_trained("tiny", version, Activation.YES, "ada")

    assert not is_active
    assert "scores that are not finite" in regression


def test_a_trained_version_that_is_only_as_good_does_not_answer_where_it_was_to_be_better(
    versions: Versions, store: ModelRegistry
) -> None:
    versions.keep_checks("tiny", LEARNED)

    is_active, [note], regressions = versions.activate_trained("tiny", published(store), Activation.IF_BETTER, "ada")

    assert (is_active, regressions) == (False, ())
    assert "was to be activated only if better: " in note


def test_without_a_test_set_nothing_is_known_to_be_better(versions: Versions, store: ModelRegistry) -> None:
    is_active, [note], _ = versions.activate_trained("tiny", published(store), Activation.IF_BETTER, "ada")

    assert not is_active
    assert note.endswith("there is no test set to tell by")


def test_a_trained_version_that_is_better_answers(versions: Versions, store: ModelRegistry, damaged: int) -> None:
    versions.activate("tiny", damaged, "ada", force=True)
    version = published(store)

    is_active, [note], regressions = versions.activate_trained("tiny", version, Activation.IF_BETTER, "ada")

    assert (is_active, regressions) == (True, ())
    assert "of the test set are answered rightly" in note
    assert store.aliases("tiny")["active"] == version


@pytest.mark.parametrize("activation", [Activation.YES, Activation.IF_BETTER])
def test_the_first_version_of_a_model_answers_whatever_it_is_compared_with(
    versions: Versions, store: ModelRegistry, activation: Activation
) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    store.publish("new", stored.files, stored.manifest.facts, activate=False)

    assert versions.activate_trained("new", 1, activation, "ada")[0]
    assert store.aliases("new") == {"original": 1, "active": 1}


def test_a_version_that_was_retired_meanwhile_is_told_of(versions: Versions) -> None:
    is_active, [note], _ = versions.activate_trained("tiny", 9, Activation.YES, "ada")

    assert not is_active
    assert note == "model 'tiny' has no version 9"


def test_an_alias_of_ones_own_means_a_version_until_it_is_removed(versions: Versions, deeds: ListedDeeds) -> None:
    assert versions.set_alias("tiny", "staging", 1, "ada")["staging"] == 1
    assert versions.number("tiny", "staging") == 1
    assert "staging" not in versions.remove_alias("tiny", "staging", "ada")
    assert [(told.deed, told.version, told.details) for told in deeds.told] == [
        (Deed.ALIAS, 1, {"alias": "staging"}),
        (Deed.ALIAS, None, {"alias": "staging"}),
    ]


@pytest.mark.parametrize("alias", ["active", "previous", "original", "Staging", "7", "a b", "", "x" * 33, "é"])
def test_aliases_that_are_not_ones_own_are_not_set(versions: Versions, alias: str) -> None:
    with pytest.raises(InvalidAliasError):
        versions.set_alias("tiny", alias, 1, "ada")
    with pytest.raises(InvalidAliasError):
        versions.remove_alias("tiny", alias, "ada")


def test_a_version_is_deleted_and_that_is_kept(versions: Versions, store: ModelRegistry, deeds: ListedDeeds) -> None:
    version = published(store)
    versions.delete("tiny", version, "ada")

    assert [one.version for one in versions.versions_of("tiny")] == [1, 2]
    assert deeds.told[-1][:4] == ("ada", Deed.DELETE_VERSION, "tiny", version)


def test_a_version_that_staging_means_is_not_deleted(versions: Versions, store: ModelRegistry) -> None:
    version = published(store)
    versions.set_alias("tiny", "staging", version, "ada")

    with pytest.raises(VersionInUseError):
        versions.delete("tiny", version, "ada")


def test_a_list_of_versions_tells_what_each_is_and_what_is_wrong(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/1/manifest.json")

    first, second = versions.versions_of("tiny")

    assert (first.version, first.aliases, first.facts) == (1, ("original", "previous"), None)
    assert first.problem
    assert (second.version, second.aliases, second.problem) == (2, ("active",), None)
    assert second.facts is not None
    assert second.facts.family == "bow"


def test_aliases_that_cannot_be_trusted_are_a_problem_of_the_model(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/aliases.json")

    for change in (
        lambda: versions.activate("tiny", 1, "ada"),
        lambda: versions.roll_back("tiny", "ada"),
        lambda: versions.set_alias("tiny", "staging", 1, "ada"),
        lambda: versions.delete("tiny", 1, "ada"),
        lambda: versions.versions_of("tiny"),
    ):
        with pytest.raises(ModelUnavailableError):
            change()


def exported(versions: Versions, name: str = "tiny", version: int = 2) -> io.BytesIO:
    archive = io.BytesIO()
    versions.export(name, version, "ada", archive)
    return archive


@pytest.mark.parametrize("exported_one", [("tiny", 2), ("tinyseq", 1)])
def test_a_version_exported_and_imported_into_an_empty_registry_answers_the_same(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, tmp_path: Path, exported_one: tuple[str, int]
) -> None:
    name, version = exported_one
    elsewhere = ModelRegistry(tmp_path / "elsewhere")
    there = wired(elsewhere, deeds)

    manifest, aliases = there.import_("copy", exported(versions, name, version), "bob")

    assert (manifest.version, aliases) == (1, {"original": 1, "active": 1})
    assert answers(elsewhere, there, name="copy") == answers(store, versions, str(version), name)
    assert [told[:4] for told in deeds.told] == [
        ("ada", Deed.EXPORT, name, version),
        ("bob", Deed.IMPORT, "copy", 1),
        ("bob", Deed.ACTIVATE, "copy", 1),
    ]


def test_a_version_imported_beside_an_active_one_does_not_answer_unasked(versions: Versions) -> None:
    manifest, aliases = versions.import_("tiny", exported(versions), "bob")

    assert (manifest.version, aliases["active"]) == (3, 2)
    assert versions.import_("tiny", exported(versions), "bob", activate=True)[1]["active"] == 4
    assert versions.import_("new", exported(versions), "bob", activate=False)[1] == {"original": 1}


def test_which_job_made_a_version_means_nothing_elsewhere(versions: Versions, store: ModelRegistry) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    facts = type(stored.manifest.facts)(
        **{
            **{field: getattr(stored.manifest.facts, field) for field in stored.manifest.facts.__struct_fields__},
            "job": "a-job",
            "parent": 1,
        }
    )
    version = store.publish("tiny", stored.files, facts, activate=False).version

    for number in (4, 5):  # were the job kept, the second would be taken for the first
        imported, _ = versions.import_("tiny", exported(versions, version=version), "bob")
        assert (imported.version, imported.facts.job, imported.facts.parent) == (number, None, None)


def test_an_archive_of_what_cannot_answer_is_not_published(
    versions: Versions, store: ModelRegistry, tmp_path: Path
) -> None:
    archive = exported(versions, version=published(store, model_onnx=network_that_gives(float("nan"))))
    elsewhere = ModelRegistry(tmp_path / "elsewhere")

    with pytest.raises(UnusableArchiveError, match="not finite"):
        wired(elsewhere, ListedDeeds()).import_("copy", archive, "bob")

    assert elsewhere.names() == []


def test_an_archive_whose_pickle_would_run_code_is_not_published(
    versions: Versions, store: ModelRegistry, tmp_path: Path
) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    evil = b"cposix\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    version = store.publish(
        "tiny", {**stored.files, "label_encoder.pkl": evil}, stored.manifest.facts, activate=False
    ).version

    with pytest.raises(UnusableArchiveError, match=r"names posix\.system"):
        versions.import_("copy", exported(versions, version=version), "bob")

    assert not (tmp_path / "ran").exists()
    assert "copy" not in store.names()


def test_a_damaged_version_is_not_exported(versions: Versions, store: ModelRegistry, deeds: ListedDeeds) -> None:
    flip_a_bit(store.folder / "tiny/1/dataset.jsonl.gz")

    with pytest.raises(UnservableVersionError, match=r"dataset\.jsonl\.gz has changed"):
        exported(versions, version=1)

    assert deeds.told == []


def test_reports_are_given_as_they_were_published(versions: Versions, store: ModelRegistry) -> None:
    for which in ("report.json", "report.html"):
        assert versions.report("tiny", 1, which) == (store.folder / "tiny/1" / which).read_bytes()


def test_a_version_without_a_report_is_told_of(versions: Versions, store: ModelRegistry) -> None:
    with pytest.raises(ReportNotFoundError, match=r"version 3 of model 'tiny' has no report\.json"):
        versions.report("tiny", published(store), "report.json")


def test_two_versions_are_compared_on_the_test_set_and_what_was_asked_lately(
    store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    asked: list[tuple[str, int]] = []

    def recent(name: str, limit: int) -> list[str]:
        asked.append((name, limit))
        return ["please bring the bill", "hello", "please bring the bill"]

    found = wired(store, deeds, recent_texts=recent).diff("tiny", 2, damaged, n_live=7)

    assert asked == [("tiny", 7)]
    assert found.n_asked == len(LEARNED) + 1  # `hello` is in the test set
    origins = {one.asked.text: one.asked.origin for one in found.differences}
    assert origins["please bring the bill"] == "live"
    assert {one.asked.intent for one in found.differences} - {None} == set(SHUFFLED)


def test_a_test_file_becomes_the_test_set_and_the_cases_stay(versions: Versions) -> None:
    versions.change_checks("tiny", Checks(test=[FrozenText("x", "bill")], must=[MustCase("y", None)]), "ada")

    assert versions.keep_checks("tiny", LEARNED)
    number, checks = versions.checks("tiny")
    assert (number, len(checks.test), checks.must) == (2, len(LEARNED), [MustCase("y", None)])


def test_the_same_test_file_changes_nothing(versions: Versions) -> None:
    versions.keep_checks("tiny", LEARNED)

    assert not versions.keep_checks("tiny", LEARNED[::-1])
    assert versions.checks("tiny")[0] == 1


def test_checks_that_are_damaged_refuse_to_judge(versions: Versions, store: ModelRegistry) -> None:
    versions.keep_checks("tiny", LEARNED)
    flip_a_bit(store.folder / "tiny/checks/1.json")

    with pytest.raises(ModelUnavailableError, match=r"tiny/checks/1\.json"):
        versions.activate("tiny", published(store), "ada")

    assert store.aliases("tiny")["active"] == 2


def test_an_alias_that_is_not_there_means_no_number(versions: Versions) -> None:
    with pytest.raises(AliasNotFoundError):
        versions.number("tiny", "staging")
