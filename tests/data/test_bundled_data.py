"""The bundled examples are what their README files say, and no test text was trained on, not even nearly."""

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from app.data.lint import check_test, check_training
from app.data.reader import read_dataset
from app.domain.example import Dataset
from app.text.analyzer import TextAnalyzer, TextConfig
from app.text.normalization import normalize

TRAINING_DATA = Path(__file__).resolve().parents[2] / "training_data"
TOO_ALIKE = 0.9


class Bundle(NamedTuple):
    readme: str
    training: Dataset
    test: Dataset

    @property
    def table(self) -> dict[str, str]:
        """The table's last column by intent."""
        rows = re.findall(r"^\| `([^`]+)` \|(?:.*\|)? ([^|]+) \|$", self.readme, re.MULTILINE)
        return dict(rows)


@cache
def bundle(name: str) -> Bundle:
    folder = TRAINING_DATA / name
    training = {"smalltalk": "intents.json", "flights": "train.tsv", "support": "train.csv"}[name]
    test = {"smalltalk": "test.tsv", "flights": "test.tsv", "support": "test.csv"}[name]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return Bundle(readme, read_dataset(folder / training), read_dataset(folder / test))


def counts(dataset: Dataset) -> Counter[str]:
    return Counter(example.intent for example in dataset.examples)


def texts(dataset: Dataset) -> list[str]:
    return [normalize(str(example.input)) for example in dataset.examples]


each_bundle = pytest.mark.parametrize("name", ["smalltalk", "flights", "support"])


@pytest.mark.parametrize(("name", "n_intents"), [("smalltalk", 30), ("flights", 18), ("support", 25)])
def test_the_intents_are_those_of_the_readme_as_many_as_it_says(name, n_intents):
    data = bundle(name)

    assert f"{n_intents} intents" in data.readme.replace("\n", " ")
    assert len(data.table) == n_intents
    assert set(data.training.intents()) == set(data.table)
    assert set(data.test.intents()) == set(data.table)


@pytest.mark.parametrize(("name", "n_training", "n_test"), [("smalltalk", 20, 10), ("support", 60, 12)])
def test_every_intent_has_the_share_of_texts_that_the_readme_says(name, n_training, n_test):
    data = bundle(name)

    assert f"({n_training} patterns each)" in data.readme or f"({n_training} rows each)" in data.readme
    assert set(counts(data.training).values()) == {n_training}
    assert f"({n_test} each)" in data.readme
    assert set(counts(data.test).values()) == {n_test}


def test_there_are_as_many_flights_as_the_readme_says_and_500_to_test():
    data = bundle("flights")

    assert f"({len(data.training.examples):,})" in data.readme
    assert f"({len(data.test.examples)})" in data.readme
    assert len(data.test.examples) == 500


@pytest.mark.parametrize("part", ["training", "test"])
def test_flights_are_shared_out_among_intents_as_the_readme_says(part):
    data = bundle("flights")
    found = counts(getattr(data, part))

    shares = {intent: 100 * count / found.total() for intent, count in found.items()}
    said = {intent: float(share.removesuffix(" %")) for intent, share in data.table.items()}
    assert {intent: shares[intent] for intent in said} == pytest.approx(said, abs=1)


def test_smalltalk_has_three_replies_or_more_for_every_intent():
    training = bundle("smalltalk").training

    few = [intent for intent in training.intents() if len(set(training.replies[intent].texts)) < 3]
    assert few == []


@each_bundle
def test_no_text_stands_twice_or_under_two_intents_or_has_no_word(name):
    assert [str(warning) for warning in check_training(bundle(name).training, TextConfig())] == []


@each_bundle
def test_no_test_text_is_a_training_text(name):
    data = bundle(name)

    assert [str(warning) for warning in check_test(data.test, data.training)] == []


@each_bundle
def test_no_test_text_has_the_words_of_a_training_text_in_another_order(name):
    words = TextAnalyzer(TextConfig()).words
    data = bundle(name)
    learned = {tuple(sorted(words(text))) for text in texts(data.training)}

    assert [text for text in texts(data.test) if tuple(sorted(words(text))) in learned] == []


@each_bundle
def test_no_test_text_is_nearly_a_training_text(name):
    data = bundle(name)
    learned = texts(data.training)

    alike = []
    for text in texts(data.test):
        # the matcher remembers what it found out about its second text
        matcher = SequenceMatcher(None, b=text, autojunk=False)
        for other in learned:
            matcher.set_seq1(other)
            # the two quick ratios are upper bounds of the slow one
            ratios = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
            if all(ratio() >= TOO_ALIKE for ratio in ratios):
                alike.append((other, text))
    assert alike == []
