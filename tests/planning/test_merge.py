"""What is added to what a model knows: each text once, with the intent that it was given last."""

from app.domain.example import Dataset, Example, Reply
from app.planning.merge import merge

KNOWN = Dataset(
    (Example("hello", "greeting"), Example("the bill please", "bill"), Example("can i pay", "bill")),
    {"greeting": Reply(("Hello!",))},
    "models/m",
    ("sing a song", "who won"),
)


def added(*rows, outside=(), replies=None):
    return Dataset(tuple(Example(text, intent) for text, intent in rows), replies or {}, "more.csv", tuple(outside))


def pairs(examples):
    return [(example.input, example.intent) for example in examples]


def test_what_is_new_stands_after_what_was_known():
    merged = merge(KNOWN, added(("hey", "greeting"), ("book a table", "booking")))

    assert pairs(merged.added) == [("hey", "greeting"), ("book a table", "booking")]
    assert pairs(merged.dataset.examples) == [*pairs(KNOWN.examples), *pairs(merged.added)]
    assert merged.kept() == KNOWN.examples
    assert merged.replaced == ()


def test_a_known_text_with_its_intent_is_not_learned_twice_however_it_is_typed():
    merged = merge(KNOWN, added(("Hello!", "greeting"), outside=["Sing a song"]))

    assert merged.is_empty
    assert merged.dataset.examples == KNOWN.examples
    assert merged.dataset.out_of_scope == KNOWN.out_of_scope


def test_a_known_text_with_another_intent_has_the_later_one():
    merged = merge(KNOWN, added(("Can I pay?", "payment")))

    assert pairs(merged.dataset.examples) == [("hello", "greeting"), ("the bill please", "bill"), ("Can I pay?", "payment")]  # fmt: skip  # noqa: E501
    assert pairs(merged.replaced) == [("can i pay", "bill")]
    assert merged.notes() == ["1 example was given another intent than before: 1 of 'bill'"]


def test_of_a_text_that_is_added_twice_the_last_counts():
    merged = merge(KNOWN, added(("hey", "bill"), ("hey", "greeting")))

    assert pairs(merged.added) == [("hey", "greeting")]


def test_a_text_moves_out_of_scope_and_back():
    moved = merge(KNOWN, added(outside=["hello"]))
    assert pairs(moved.dataset.examples) == [("the bill please", "bill"), ("can i pay", "bill")]
    assert moved.dataset.out_of_scope == ("sing a song", "who won", "hello")
    assert moved.added_out_of_scope == ("hello",)

    back = merge(KNOWN, added(("sing a song", "music")))
    assert back.dataset.out_of_scope == ("who won",)
    assert pairs(back.added) == [("sing a song", "music")]


def test_repetitions_that_were_known_stay():
    twice = Dataset((Example("hello", "greeting"), Example("hello", "greeting"), Example("x", "y")))

    assert merge(twice, added(("hello", "greeting"), ("z", "y"))).kept() == twice.examples


def test_replies_are_kept_and_later_ones_count():
    merged = merge(KNOWN, added(("hey", "greeting"), replies={"bill": Reply(("Here.",))}))

    assert dict(merged.dataset.replies) == {"greeting": Reply(("Hello!",)), "bill": Reply(("Here.",))}


def test_texts_without_a_word_are_told_apart():
    known = Dataset((Example("!!", "a"), Example("hello", "b")))

    assert pairs(merge(known, added(("??", "b"))).dataset.examples) == [("!!", "a"), ("hello", "b"), ("??", "b")]
