"""A pickled pipeline of scikit-learn answers here with the probabilities that it gave there."""

import pickle

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier  # noqa: TID253
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer  # noqa: TID253
from sklearn.linear_model import LogisticRegression  # noqa: TID253
from sklearn.naive_bayes import MultinomialNB  # noqa: TID253
from sklearn.pipeline import Pipeline  # noqa: TID253
from sklearn.svm import LinearSVC  # noqa: TID253
from sklearn.tree import DecisionTreeClassifier  # noqa: TID253

from app.domain.training_errors import ForbiddenNameError, UnimportableModelError
from app.planning.inherited import inherited_config
from app.registry.model_registry import ModelRegistry
from tests.old_models.old_folders import ASKED, TEXTS

ALL = [(text, intent) for intent, texts in TEXTS.items() for text in texts]
TWO = [(text, intent) for text, intent in ALL if intent.startswith("action")]

CLASSIFIERS = {
    "logistic": LogisticRegression(C=9),
    "bayes": MultinomialNB(alpha=0.1),
    "forest": RandomForestClassifier(9, random_state=3),
    "tree": DecisionTreeClassifier(random_state=3),
    "boosted": AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=5, random_state=3),
}
VECTORIZERS = {
    "counts": [CountVectorizer()],
    "tfidf": [CountVectorizer(ngram_range=(1, 2)), TfidfTransformer()],
    "sublinear": [TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", norm="l1")],
    "binary": [
        CountVectorizer(binary=True, stop_words=["the", "a"], ngram_range=(1, 3)),
        TfidfTransformer(use_idf=False),
    ],
}


def write(tmp_path, steps, pairs=ALL, protocol=4):
    texts, intents = zip(*pairs, strict=True)
    pipeline = Pipeline([(f"step{n}", step) for n, step in enumerate(steps)]).fit(texts, intents)
    path = tmp_path / "bot.pkl"
    path.write_bytes(pickle.dumps(pipeline, protocol=protocol))
    return path, pipeline


def parity(loaded, pipeline):
    for text, row in zip(ASKED, pipeline.predict_proba(ASKED), strict=True):
        [answer] = loaded.predict([text], top_k=9)
        assert dict(answer.ranking) == pytest.approx(dict(zip(pipeline.classes_, row, strict=True)), abs=1e-4)
        if np.sort(row)[-1] - np.sort(row)[-2] > 1e-4:
            assert answer.best == pipeline.classes_[row.argmax()]


@pytest.mark.parametrize("classifier", CLASSIFIERS)
@pytest.mark.parametrize("pairs", [ALL, TWO], ids=["four labels", "two labels"])
def test_a_classifier_answers_as_it_did(tmp_path, bring, classifier, pairs):
    path, pipeline = write(tmp_path, [CountVectorizer(), TfidfTransformer(), CLASSIFIERS[classifier]], pairs)

    parity(bring(path), pipeline)


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
def test_a_vectorizer_counts_as_it_did(tmp_path, bring, vectorizer):
    path, pipeline = write(tmp_path, [*VECTORIZERS[vectorizer], MultinomialNB()])

    parity(bring(path), pipeline)


@pytest.mark.parametrize("protocol", [0, 2, 3, 5])
def test_a_pickle_of_any_protocol_is_read(tmp_path, bring, protocol):
    path, pipeline = write(tmp_path, [CountVectorizer(), CLASSIFIERS["forest"]], protocol=protocol)

    parity(bring(path), pipeline)


def test_labels_held_each_against_the_rest_answer_as_they_did(tmp_path, bring):
    """`liblinear` learned so; scikit-learn has left it out since, so what it gave is computed here."""
    path, pipeline = write(tmp_path, [CountVectorizer(), LogisticRegression(C=9)])
    pipeline[-1].__dict__["multi_class"] = "ovr"
    path.write_bytes(pickle.dumps(pipeline))

    loaded = bring(path)

    apart = 1 / (1 + np.exp(-pipeline.decision_function(ASKED)))
    for text, row in zip(ASKED, apart / apart.sum(axis=1, keepdims=True), strict=True):
        [answer] = loaded.predict([text], top_k=4)
        assert dict(answer.ranking) == pytest.approx(dict(zip(pipeline.classes_, row, strict=True)), abs=1e-4)


def test_a_forest_of_old_counts_answers_in_shares(tmp_path, bring):
    """Before 1.3 a leaf held how many examples fell into it."""
    path, pipeline = write(tmp_path, [CountVectorizer(), DecisionTreeClassifier(random_state=3, max_depth=2)])
    tree = pipeline[-1].tree_
    state = tree.__getstate__()
    state["values"] = state["values"] * state["nodes"]["weighted_n_node_samples"][:, np.newaxis, np.newaxis]
    expected = pipeline.predict_proba(ASKED)
    tree.__setstate__(state)
    path.write_bytes(pickle.dumps(pipeline))

    loaded = bring(path)
    assert [dict(one.ranking) for one in loaded.predict(ASKED, top_k=4)] == [
        pytest.approx(dict(zip(pipeline.classes_, row, strict=True)), abs=1e-4) for row in expected
    ]


def test_the_command_publishes_what_is_in_a_pickle(tmp_path, command, published, project):
    path, pipeline = write(tmp_path, [CountVectorizer(), CLASSIFIERS["logistic"]])

    told = command(path)

    assert told["version"] == 1
    parity(published(1), pipeline)
    # trained anew it is a model like any other
    assert inherited_config(ModelRegistry(project / "models"), project / "config", "old") == {}


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ([CountVectorizer(), LinearSVC()], "sklearn.svm._classes.LinearSVC"),
        ([CountVectorizer(preprocessor=str.lower), MultinomialNB()], "builtins.getattr"),
        ([CountVectorizer(tokenizer=len, token_pattern=None), MultinomialNB()], "builtins.len"),
    ],
    ids=["a classifier", "a preprocessor", "a tokenizer"],
)
def test_what_is_not_on_the_list_is_refused_by_its_name(tmp_path, bring, steps, name):
    path = tmp_path / "bot.pkl"
    path.write_bytes(pickle.dumps(Pipeline([(f"step{n}", step) for n, step in enumerate(steps)])))

    with pytest.raises(ForbiddenNameError) as refusal:
        bring(path)

    assert refusal.value.name == name


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([CountVectorizer(analyzer="char"), MultinomialNB()], "analyzer='char' cannot be brought along"),
        ([CountVectorizer(strip_accents="ascii"), MultinomialNB()], "strip_accents='ascii' cannot be brought along"),
        ([CountVectorizer(token_pattern=r"(a+)+b|t\w+"), MultinomialNB()], "token_pattern="),
        (
            [CountVectorizer(stop_words="english", ngram_range=(1, 2)), MultinomialNB()],
            "stop_words='english' with runs",
        ),
    ],
)
def test_what_cannot_be_served_as_it_was_says_why(tmp_path, bring, steps, problem):
    path, _ = write(tmp_path, steps)

    with pytest.raises(UnimportableModelError, match=problem.replace("(", r"\(")):
        bring(path)


def test_a_pipeline_that_was_never_fitted_is_refused(tmp_path, bring):
    path = tmp_path / "bot.pkl"
    path.write_bytes(pickle.dumps(Pipeline([("a", CountVectorizer()), ("b", MultinomialNB())])))

    with pytest.raises(UnimportableModelError, match="never fitted"):
        bring(path)
