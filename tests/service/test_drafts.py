"""Drafts: what people and requests edit is kept whole, in order, once, and with who did it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from app.domain.audit import AuditFilter, Deed
from app.domain.damage_errors import UnreadableFileError
from app.domain.draft import ExampleFilter, LabelledText
from app.domain.draft_errors import (
    DraftChangedError,
    DuplicateExampleError,
    ExampleNotFoundError,
    InvalidExamplesError,
    TooManyExamplesError,
    UnwritableDataError,
)
from app.domain.errors import InvalidModelNameError, InvalidRequestError, ModelNotFoundError, ModelUnavailableError
from app.domain.example import Dataset, Example, Reply
from app.domain.storage_errors import StorageUnavailableError
from app.service.drafts import Drafts
from app.storage.audit_store import AuditStore
from app.storage.draft_store import DraftStore
from app.storage.engine import open_engine
from tests.database import Database

KEPT = {
    "old": (4, Dataset((Example("hi", "greeting"), Example("pay\0me", "bill")), {"bill": Reply(("ok",))}, "f", ("x",)))
}


def _of_version(model: str) -> tuple[int, Dataset] | None:
    if model == "damaged":
        raise UnreadableFileError("damaged/1/dataset.jsonl.gz", "it is no dataset")
    if model == "bare":
        return None
    if model not in KEPT:
        raise ModelNotFoundError(model)
    return KEPT[model]


@pytest.fixture
def store(database: Database) -> Iterator[DraftStore]:
    with closing(DraftStore(open_engine(database.address))) as store:
        yield store


@pytest.fixture
def drafts(store: DraftStore) -> Drafts:
    return Drafts(lambda: store, _of_version, max_examples=100)


@pytest.fixture
def audit(database: Database) -> Iterator[AuditStore]:
    with closing(AuditStore(open_engine(database.address))) as store:
        yield store


def _dataset(*pairs: tuple[str, str | None], replies: dict[str, Reply] | None = None) -> Dataset:
    examples = tuple(Example(text, intent) for text, intent in pairs if intent is not None)
    return Dataset(examples, replies or {}, "s", tuple(text for text, intent in pairs if intent is None))


def _texts(drafts: Drafts, model: str = "m") -> list[tuple[object, str]]:
    return [(example.input, example.intent) for example in drafts.snapshot(model).examples]


def _labelled(*pairs: tuple[str, str | None]) -> Sequence[LabelledText]:
    return [LabelledText(*pair) for pair in pairs]


def test_a_snapshot_is_what_was_put_in_in_its_order(drafts: Drafts) -> None:
    given = [(f"text {number * 7919 % 1000}", f"intent {number % 3}") for number in range(90)]
    drafts.replace("m", _dataset(*given, ("never mind", None), replies={"intent 1": Reply(("yes",), "c")}), "f", "ada")

    snapshot = drafts.snapshot("m")

    assert _texts(drafts) == given
    assert snapshot.out_of_scope == ("never mind",)
    assert snapshot.replies == {"intent 1": Reply(("yes",), "c")}


def test_what_is_added_later_stands_behind_what_was_there(drafts: Drafts) -> None:
    drafts.replace("m", _dataset(("a", "x"), ("b", "x")), "f", "ada")
    drafts.add("m", _dataset(("c", "y"), ("d", "y")), "f", "ada")

    assert _texts(drafts) == [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")]


def test_replacing_leaves_nothing_of_what_was_there(drafts: Drafts) -> None:
    drafts.replace("m", _dataset(("a", "x"), ("b", None), replies={"x": Reply(("1",))}), "f", "ada")
    change = drafts.replace("m", _dataset(("c", "y")), "f", "ada")

    assert (change.n_added, change.n_removed, change.draft.revision, change.draft.n_examples) == (1, 2, 2, 1)
    assert drafts.snapshot("m") == Dataset((Example("c", "y"),), {}, "draft of m")


def test_the_same_text_with_the_same_intent_is_no_second_example(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("Hello there!", "x")), "f", "ada")
    change = drafts.add("m", _dataset(("hello  there", "x"), ("bye", "y"), ("Bye.", "y")), "f", "ada")

    assert (change.n_added, change.n_known, change.n_replaced) == (1, 2, 0)
    assert _texts(drafts) == [("Hello there!", "x"), ("bye", "y")]


def test_of_a_text_under_two_intents_the_later_one_holds_and_the_count_is_told(drafts: Drafts) -> None:
    first = drafts.add("m", _dataset(("hello", "x"), ("stay", "x")), "f", "ada")
    change = drafts.add("m", _dataset(("HELLO", "y"), ("new", "x"), ("New!", "y"), ("stay", None)), "g", "bob")

    assert (change.n_added, change.n_known, change.n_replaced) == (1, 0, 3)
    assert _texts(drafts) == [("hello", "y"), ("new", "y")]
    assert drafts.snapshot("m").out_of_scope == ("stay",)
    assert change.ids[0] == first.ids[0]
    example = drafts.get("m", str(first.ids[0]))
    assert (example.source, example.caller) == ("g", "bob")


def test_texts_without_a_word_are_alike_only_where_they_are_the_same(drafts: Drafts) -> None:
    change = drafts.add("m", _dataset(("?!", "x"), ("...", "y"), ("...", "y")), "f", "ada")

    assert (change.n_added, change.n_known) == (2, 1)


def test_what_changes_nothing_is_no_revision_and_no_entry(drafts: Drafts, audit: AuditStore) -> None:
    drafts.add("m", _dataset(("a", "x"), replies={"x": Reply(("1",))}), "f", "ada")
    again = drafts.add("m", _dataset(("a", "x"), replies={"x": Reply(("1",))}), "f", "ada")
    removed = drafts.remove("m", ExampleFilter(intent="nope"), "ada")

    assert again.draft.revision == removed.draft.revision == 1
    assert len(audit.page()) == 1


def test_every_wrong_example_is_named_and_none_is_taken(drafts: Drafts) -> None:
    wrong = _labelled(("a", "x"), (" ", "x"), ("b", "x\n y"), ("c" * 10_001, "x"), ("d\0", "i" * 201), ("e", ""))

    with pytest.raises(InvalidExamplesError) as refused:
        drafts.add_texts("m", wrong, "request", "ada")

    assert [place for place, _ in refused.value.problems] == [
        "examples[1].text", "examples[2].intent", "examples[3].text", "examples[4].text", "examples[4].intent",
        "examples[5].intent",
    ]  # fmt: skip
    with pytest.raises(ModelNotFoundError):
        drafts.find("m")


def test_what_is_wrong_in_a_file_is_named_by_its_line(drafts: Drafts) -> None:
    with pytest.raises(InvalidExamplesError, match="line 7, intent: the intent has 300 characters"):
        drafts.replace("m", Dataset((Example("a", "x" * 300, line=7),)), "file f", "ada")


def test_a_text_and_an_intent_of_the_greatest_length_are_taken(drafts: Drafts) -> None:
    change = drafts.add("m", _dataset(("t" * 10_000, "i" * 200)), "f", "ada")

    assert change.n_added == 1


def test_a_draft_has_so_many_examples_and_no_more(drafts: Drafts) -> None:
    drafts.add("m", _dataset(*((f"text {number}", "x") for number in range(99))), "f", "ada")
    drafts.add("m", _dataset(("the last", "x")), "f", "ada")

    with pytest.raises(TooManyExamplesError, match="would have 101 examples; the limit is 100"):
        drafts.add("m", _dataset(("one more", "x")), "f", "ada")
    with pytest.raises(TooManyExamplesError):
        drafts.replace("m", _dataset(*((f"other {number}", "x") for number in range(101))), "f", "ada")

    assert drafts.find("m").n_examples == 100
    assert drafts.add("m", _dataset(("the last", "y")), "f", "ada").n_replaced == 1


def test_whoever_changes_what_has_changed_since_changes_nothing(drafts: Drafts, audit: AuditStore) -> None:
    [example] = drafts.add("m", _dataset(("a", "x")), "f", "ada").ids
    drafts.add("m", _dataset(("b", "x")), "f", "bob", expected=1)

    for change in (
        lambda: drafts.add("m", _dataset(("c", "x")), "f", "ada", expected=1),
        lambda: drafts.replace("m", _dataset(("c", "x")), "f", "ada", expected=1),
        lambda: drafts.change("m", str(example), "ada", text="c", expected=3),
        lambda: drafts.remove_one("m", str(example), "ada", expected=1),
        lambda: drafts.remove("m", ExampleFilter(intent="x"), "ada", expected=1),
    ):
        with pytest.raises(DraftChangedError, match="is at revision 2, not"):
            change()

    assert _texts(drafts) == [("a", "x"), ("b", "x")]
    assert len(audit.page()) == 2


def test_an_example_gets_another_text_intent_or_both(drafts: Drafts) -> None:
    [example] = drafts.add("m", _dataset(("a", "x")), "f", "ada").ids

    changed, draft = drafts.change("m", str(example), "bob", text=" b ", intent=None)

    assert (changed.text, changed.intent, changed.caller, changed.source, draft.revision) == ("b", None, "bob", "f", 2)
    assert drafts.get("m", str(example)) == changed
    assert drafts.add("m", _dataset(("B!", "z")), "f", "ada").n_replaced == 1, "its new text is the one it is known by"
    assert drafts.add("m", _dataset(("a", "z")), "f", "ada").n_added == 1, "its old text is free"


def test_an_example_that_is_changed_into_itself_is_no_change(drafts: Drafts) -> None:
    [example] = drafts.add("m", _dataset(("a", "x")), "f", "ada").ids

    assert drafts.change("m", str(example), "bob", intent="x")[1].revision == 1


def test_an_example_may_be_typed_otherwise(drafts: Drafts) -> None:
    [example] = drafts.add("m", _dataset(("hello", "x")), "f", "ada").ids

    assert drafts.change("m", str(example), "bob", text="Hello!")[0].text == "Hello!"


def test_an_example_does_not_get_the_text_of_another(drafts: Drafts) -> None:
    first, second = drafts.add("m", _dataset(("a", "x"), ("b", "y")), "f", "ada").ids

    with pytest.raises(DuplicateExampleError, match=str(first)):
        drafts.change("m", str(second), "ada", text="A.")

    assert _texts(drafts) == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize("example", ["01890a5d-ac96-774b-bcce-b302099a8057", "7", "", "' OR 1=1 --", "\0"])
def test_an_example_that_is_not_there_is_neither_given_nor_changed_nor_removed(drafts: Drafts, example: str) -> None:
    drafts.add("m", _dataset(("a", "x")), "f", "ada")

    for use in (
        lambda: drafts.get("m", example),
        lambda: drafts.change("m", example, "ada", text="b"),
        lambda: drafts.remove_one("m", example, "ada"),
    ):
        with pytest.raises(ExampleNotFoundError):
            use()


def test_the_example_of_another_model_is_not_there(drafts: Drafts) -> None:
    [example] = drafts.add("m", _dataset(("a", "x")), "f", "ada").ids
    drafts.add("n", _dataset(("a", "x")), "f", "ada")

    with pytest.raises(ExampleNotFoundError):
        drafts.remove_one("n", str(example), "ada")
    assert _texts(drafts) == [("a", "x")]


def test_examples_are_found_by_text_intent_and_source(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("Where is my Card", "card"), ("100% sure", "yes"), ("off topic card", None)), "f", "ada")
    drafts.add("m", _dataset(("a_b", "yes")), "g", "ada")

    def found(**wanted: object) -> list[str]:
        page = drafts.page("m", ExampleFilter(**wanted))  # type: ignore[arg-type]
        assert page.n_matching == len(page.examples)
        return [example.text for example in page.examples]

    assert found(search="CARD") == ["Where is my Card", "off topic card"]
    assert found(search="%") == ["100% sure"]
    assert found(search="_") == ["a_b"]
    assert found(intent="yes") == ["100% sure", "a_b"]
    assert found(intent="yes", source="g") == ["a_b"]
    assert found(is_out_of_scope=True) == ["off topic card"]
    assert found(search="nothing") == []


def test_pages_follow_each_other_in_both_directions(drafts: Drafts) -> None:
    texts = [f"text {number}" for number in range(10)]
    ids = drafts.add("m", _dataset(*((text, "x") for text in texts)), "f", "ada").ids

    def page(**where: object) -> list[str]:
        return [example.text for example in drafts.page("m", limit=4, **where).examples]  # type: ignore[arg-type]

    assert page() == texts[:4]
    assert page(after=ids[3]) == texts[4:8]
    assert page(after=ids[7]) == texts[8:]
    assert page(before=ids[8]) == texts[4:8]
    assert page(before=ids[0]) == []


def test_intents_are_counted(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("a", "x"), ("b", "x"), ("c", "y"), ("d", None)), "f", "ada")

    assert drafts.counts("m") == {"x": 2, "y": 1, None: 1}


def test_many_examples_are_removed_by_what_they_have_in_common(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("a", "x"), ("b", "x"), ("c", "y"), ("d", None)), "f", "ada")

    change = drafts.remove("m", ExampleFilter(intent="x"), "ada")

    assert (change.n_removed, change.draft.n_examples, change.draft.revision) == (2, 2, 2)
    assert drafts.counts("m") == {"y": 1, None: 1}


def test_all_examples_are_not_removed_by_leaving_the_filter_out(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("a", "x")), "f", "ada")

    with pytest.raises(InvalidRequestError, match="say which examples"):
        drafts.remove("m", ExampleFilter(), "ada")


def test_a_model_without_a_draft_begins_with_what_its_active_version_was_trained_on(drafts: Drafts) -> None:
    page = drafts.page("old")

    assert [(one.text, one.intent, one.source) for one in page.examples] == [
        ("hi", "greeting", "version 4"), ("pay me", "bill", "version 4"), ("x", None, "version 4"),
    ]  # fmt: skip
    assert page.draft.revision == 1
    assert page.draft.replies == {"bill": Reply(("ok",))}
    assert drafts.find("old").revision == 1, "it begins once"


def test_what_is_added_to_a_model_without_a_draft_joins_what_it_knows(drafts: Drafts) -> None:
    drafts.add("old", _dataset(("bye", "farewell")), "f", "ada")

    assert _texts(drafts, "old") == [("hi", "greeting"), ("pay me", "bill"), ("bye", "farewell")]


def test_what_replaces_the_examples_of_a_model_without_a_draft_is_all_there_is(drafts: Drafts) -> None:
    drafts.replace("old", _dataset(("bye", "farewell")), "f", "ada")

    assert _texts(drafts, "old") == [("bye", "farewell")]


def test_a_draft_whose_examples_were_all_removed_stays_empty(drafts: Drafts) -> None:
    for intent in ("greeting", "bill"):
        drafts.remove("old", ExampleFilter(intent=intent), "ada")
    drafts.remove("old", ExampleFilter(is_out_of_scope=True), "ada")

    assert (drafts.find("old").n_examples, drafts.find("old").revision) == (0, 4)


def test_a_model_that_keeps_no_dataset_begins_with_nothing(drafts: Drafts) -> None:
    assert (drafts.find("bare").revision, drafts.page("bare").examples) == (0, [])
    assert drafts.add("bare", _dataset(("a", "x")), "f", "ada").draft.n_examples == 1


def test_a_model_whose_dataset_is_damaged_is_told_and_does_not_begin_with_nothing(drafts: Drafts) -> None:
    for use in (lambda: drafts.find("damaged"), lambda: drafts.add("damaged", _dataset(("a", "x")), "f", "ada")):
        with pytest.raises(ModelUnavailableError, match="it is no dataset"):
            use()


def test_a_new_model_gets_a_draft_and_one_that_nobody_knows_has_none(drafts: Drafts) -> None:
    with pytest.raises(ModelNotFoundError):
        drafts.page("m")
    drafts.add("m", _dataset(("a", "x")), "f", "ada")

    assert drafts.find("m").n_examples == 1


@pytest.mark.parametrize("name", ["../x", "", "a/b", "a\0"])
def test_what_can_be_no_model_has_no_draft(drafts: Drafts, name: str) -> None:
    for use in (
        lambda: drafts.find(name),
        lambda: drafts.snapshot(name),
        lambda: drafts.add(name, _dataset(("a", "x")), "f", "ada"),
        lambda: drafts.replace(name, _dataset(("a", "x")), "f", "ada"),
        lambda: drafts.remove_one(name, "01890a5d-ac96-774b-bcce-b302099a8057", "ada"),
    ):
        with pytest.raises(InvalidModelNameError):
            use()


def test_the_audit_log_says_who_did_what_and_to_how_many_and_never_a_text(drafts: Drafts, audit: AuditStore) -> None:
    ids = drafts.add("m", _dataset(("secret one", "x"), ("secret two", "y")), "file f", "ada").ids
    first, second = map(str, ids)
    drafts.change("m", first, "bob", text="secret three", intent="z")
    drafts.remove_one("m", second, "eve")
    drafts.remove("m", ExampleFilter(search="secret"), "eve")
    drafts.replace("m", _dataset(("secret four", "x")), "request", "ada")
    drafts.export("m", "csv", "bob")

    entries = audit.page(AuditFilter(model="m"))[::-1]
    assert [(entry.caller, entry.deed) for entry in entries] == [
        (caller, Deed.CHANGE_EXAMPLES) for caller in ("ada", "bob", "eve", "eve", "ada")
    ] + [("bob", Deed.EXPORT)]
    assert [entry.details for entry in entries] == [
        {"what": "added", "examples": 2, "known": 0, "replaced": 0, "source": "file f", "ids": [first, second]},
        {"what": "changed", "examples": 1, "id": first, "fields": ["text", "intent"]},
        {"what": "removed", "examples": 1, "id": second},
        {"what": "removed", "examples": 1, "by": {"search": True}},
        {"what": "replaced", "examples": 1, "removed": 0, "known": 0, "replaced": 0, "source": "request"},
        {"what": "examples", "examples": 1, "format": "csv"},
    ]  # fmt: skip
    assert "secret" not in str(entries)


def test_a_draft_is_exported_and_what_the_format_cannot_say_is_told(drafts: Drafts) -> None:
    drafts.add("m", _dataset(("a", "x"), ("b", None)), "f", "ada")

    assert drafts.export("m", "jsonl", "ada") == b'{"text": "a", "intent": "x"}\n{"text": "b", "intent": null}\n'
    with pytest.raises(UnwritableDataError, match="1 of them are out of scope"):
        drafts.export("m", "tsv", "ada")
    assert drafts.export("m", "tsv", "ada", out_of_scope=False) == b"text\tintent\na\tx\n"


def test_many_who_change_one_draft_at_once_lose_nothing_and_count_every_change(drafts: Drafts) -> None:
    threads = [
        threading.Thread(target=drafts.add, args=("m", _dataset((f"text {number}", "x")), "f", "ada"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (drafts.find("m").n_examples, drafts.find("m").revision) == (8, 8)


def test_a_draft_that_many_look_at_first_begins_once(drafts: Drafts) -> None:
    threads = [threading.Thread(target=drafts.find, args=("old",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (drafts.find("old").n_examples, drafts.find("old").revision) == (3, 1)


def test_a_database_that_is_away_is_told_and_used_again_when_it_is_back(drafts: Drafts, database: Database) -> None:
    drafts.add("m", _dataset(("a", "x")), "f", "ada")
    database.take_away()

    with pytest.raises(StorageUnavailableError):
        drafts.add("m", _dataset(("b", "x")), "f", "ada")

    database.bring_back()
    drafts.add("m", _dataset(("c", "x")), "f", "ada")
    assert _texts(drafts) == [("a", "x"), ("c", "x")]


def test_thousands_of_examples_are_kept_by_few_statements(store: DraftStore) -> None:
    large = Drafts(lambda: store, _of_version, max_examples=10_000)
    given = [(f"text {number}", f"intent {number % 150}") for number in range(5_000)]

    assert large.replace("m", _dataset(*given), "f", "ada").n_added == 5_000
    assert large.add("m", _dataset(*given), "f", "ada").n_known == 5_000
    assert _texts(large) == given
