"""Every classifier of `classical` is served as it was fitted, whatever intents and examples there are."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pytest

from app.domain.abstention import Abstention
from app.domain.errors import InvalidValueError
from app.families.bow import BowFeatures
from app.families.classical import ClassicalConfig
from app.families.contract import Encoding
from app.families.model_config import resolve
from app.pipeline.calibration import Calibration
from app.runtime.session import NetworkSession

CLASSIFIERS = ["linear_svm", "logistic_regression", "naive_bayes", "forest"]
TEXTS = {
    "weather": ["will it rain", "is it sunny", "weather tomorrow", "how cold is it", "will it snow today"],
    "booking": ["book a table", "reserve a table for two", "i want to book", "a table for tonight", "book us a table"],
    "bill": ["the bill please", "can i pay", "i would like to pay", "how much is it", "pay by card"],
}
ASKED = ["rain rain rain", "book", "a table please", "pay the bill and book a table in the rain " * 20, "it"]


@pytest.fixture(params=CLASSIFIERS)
def classifier(request) -> str:
    return str(request.param)


class Fitted:
    """A classifier that learned the first so many intents above, and what it has learned them with."""

    def __init__(self, classifier: str, *, n_intents: int = 3, n_outputs: int | None = None, **settings: Any) -> None:
        self.config = resolve(ClassicalConfig, {"network": {"classifier": classifier, **settings}}, "classical")
        examples = [(text, label) for label, texts in enumerate(list(TEXTS.values())[:n_intents]) for text in texts]
        self.features = BowFeatures.learn(self.config, [text for text, _ in examples])  # type: ignore[arg-type]
        self.labels = np.array([label for _, label in examples])
        self.encodings = self.encoded([text for text, _ in examples])
        self.n_outputs = n_outputs or n_intents
        self.network = self.fitted_with(self.encodings, self.labels, weights_of(self.labels))
        self.session = NetworkSession(self.network.onnx(self.encodings[0]), classifier)

    def fitted_with(self, encodings: Sequence[Encoding], labels: Any, weights: Any) -> Any:
        from app.networks.classical import fit  # noqa: PLC0415 - TensorFlow comes with it

        return fit(self.config, self.features, self.n_outputs, encodings, labels, weights)

    def dense(self) -> Any:
        """The encodings as scikit-learn would be given them."""
        rows = np.zeros((len(self.encodings), self.features.n_ids), dtype=np.float32)
        for row, encoding in zip(rows, self.encodings, strict=True):
            np.add.at(row, encoding["ids"].astype(np.int64), encoding["weights"])
        return rows

    def encoded(self, texts: Sequence[str]) -> list[Encoding]:
        return [encoding for text in texts if (encoding := self.features.encode(text)) is not None]

    def served(self, encodings: Sequence[Encoding]) -> Any:
        """Scores of the export, one input at a time."""
        return np.concatenate(
            [self.session.scores({name: array[np.newaxis] for name, array in e.items()}) for e in encodings]
        )


def weights_of(labels: Any) -> Any:
    return np.where(labels == 0, 2.0, 0.5).astype(np.float32)


def probabilities(scores: Any) -> Any:
    return Calibration(1.0, Abstention()).probabilities(scores)


def padded(encoding: Encoding, length: int) -> dict[str, Any]:
    return {name: np.pad(array, (0, length - len(array))) for name, array in encoding.items()}


def test_the_export_gives_the_probabilities_of_the_classifier(classifier):
    fitted = Fitted(classifier)
    encodings = fitted.encodings + fitted.encoded(ASKED)

    served, trained = fitted.served(encodings), fitted.network.scores(encodings)

    assert served.dtype == trained.dtype == np.float32
    assert served.shape == trained.shape == (len(encodings), 3)
    assert np.abs(probabilities(served) - probabilities(trained)).max() < 1e-5
    assert probabilities(served).std(axis=0).min() > 0.05


def test_what_was_learned_from_is_told_apart(classifier):
    fitted = Fitted(classifier, smallest_leaf=1)

    right = fitted.network.scores(fitted.encodings).argmax(axis=1) == fitted.labels

    assert right.mean() > 0.9


def test_inputs_in_a_batch_score_as_each_would_alone(classifier):
    fitted = Fitted(classifier)
    encodings = fitted.encoded(ASKED)
    longest = max(len(encoding["ids"]) for encoding in encodings)
    rows = [padded(encoding, longest + 3) for encoding in encodings]

    together = fitted.session.scores({name: np.stack([row[name] for row in rows]) for name in ("ids", "weights")})

    assert together == pytest.approx(fitted.served(encodings), abs=1e-5)
    assert fitted.network.scores(encodings) == pytest.approx(
        np.concatenate([fitted.network.scores([encoding]) for encoding in encodings]), abs=1e-6
    )


def test_a_term_that_stands_twice_counts_twice(classifier):
    fitted = Fitted(classifier)
    once = {"ids": np.array([3], np.int32), "weights": np.array([1.0], np.float32)}
    twice = {"ids": np.array([3, 3], np.int32), "weights": np.array([0.25, 0.75], np.float32)}

    assert fitted.served([twice]) == pytest.approx(fitted.served([once]), abs=1e-5)
    assert fitted.network.scores([twice]) == pytest.approx(fitted.network.scores([once]), abs=1e-6)


def test_the_largest_id_and_a_blank_are_scored(classifier):
    fitted = Fitted(classifier)

    for encoding in (fitted.features.probe(), {"ids": np.array([0], np.int32), "weights": np.zeros(1, np.float32)}):
        assert fitted.session.prove({name: array[np.newaxis] for name, array in encoding.items()}) == 3


def test_no_encodings_have_no_scores(classifier):
    assert Fitted(classifier).network.scores([]).shape == (0, 3)


def test_the_same_seed_gives_the_same_bytes(classifier):
    one, other = Fitted(classifier), Fitted(classifier)

    assert one.network.weights() == other.network.weights()
    assert one.network.onnx(one.encodings[0]) == other.network.onnx(one.encodings[0])


def test_what_was_learned_is_kept_without_pickles(classifier):
    ending, content = Fitted(classifier).network.weights()

    kept = np.load(io.BytesIO(content), allow_pickle=False)

    assert ending == "weights.npz"
    assert all(kept[name].size and kept[name].dtype != object for name in kept.files)


def test_two_intents_have_a_score_each(classifier):
    fitted = Fitted(classifier, n_intents=2, smallest_leaf=1)

    found = probabilities(fitted.served(fitted.encodings))

    assert found.shape == (10, 2)
    assert np.array_equal(found.argmax(axis=1), fitted.labels)
    assert np.abs(found - probabilities(fitted.network.scores(fitted.encodings))).max() < 1e-5


def test_of_two_intents_a_regression_gives_the_probabilities_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    fitted = Fitted("logistic_regression", n_intents=2, regularization=3.0)

    peer = LogisticRegression(C=3.0).fit(fitted.dense(), fitted.labels, weights_of(fitted.labels))

    assert probabilities(fitted.served(fitted.encodings)) == pytest.approx(peer.predict_proba(fitted.dense()), abs=0.01)


def test_a_forest_gives_the_probabilities_of_scikit_learn():
    from sklearn.ensemble import ExtraTreesClassifier

    fitted = Fitted("forest", trees=20, smallest_leaf=1)

    peer = ExtraTreesClassifier(20, min_samples_leaf=1, random_state=fitted.config.training.seed)
    peer.fit(fitted.dense(), fitted.labels, weights_of(fitted.labels))

    # a score is twice the logarithm of the share of votes and a little
    share = np.exp(fitted.network.scores(fitted.encodings) / 2) - 0.003
    assert share == pytest.approx(peer.predict_proba(fitted.dense()), abs=1e-5)


@pytest.mark.parametrize("linear", ["linear_svm", "logistic_regression", "naive_bayes"])
def test_a_large_table_is_exported_in_half_precision_and_scores_the_same(linear):
    fitted = Fitted(linear, n_outputs=2_000)

    stored = {
        tensor.name: tensor.data_type for tensor in onnx.load_from_string(fitted.network.onnx({})).graph.initializer
    }

    assert stored["table"] == onnx.TensorProto.FLOAT16
    assert stored["bias"] == onnx.TensorProto.FLOAT
    assert fitted.served(fitted.encodings) == pytest.approx(fitted.network.scores(fitted.encodings), abs=1e-5)


def test_an_intent_without_examples_is_never_the_answer(classifier):
    fitted = Fitted(classifier, n_outputs=5)
    encodings = fitted.encodings + fitted.encoded(ASKED)

    found = probabilities(fitted.served(encodings))

    assert found.shape == (len(encodings), 5)
    assert found[:, 3:].max() < 0.001
    assert np.abs(found - probabilities(fitted.network.scores(encodings))).max() < 1e-5


def test_examples_of_one_intent_only_make_it_the_answer(classifier):
    fitted = Fitted(classifier, n_intents=1, n_outputs=3)

    assert probabilities(fitted.served(fitted.encodings))[:, 0].min() > 0.99


@pytest.mark.parametrize(("weights", "expected"), [((1, 3), 1), ((3, 1), 0)])
def test_of_two_examples_that_contradict_each_other_the_heavier_wins(classifier, weights, expected):
    fitted = Fitted(classifier, n_intents=2)
    twice = [fitted.encodings[0]] * 2

    network = fitted.fitted_with(twice, np.array([0, 1]), np.array(weights, dtype=np.float32))

    assert network.scores(twice[:1]).argmax() == expected


def test_an_example_of_each_intent_is_enough(classifier):
    fitted = Fitted(classifier)

    network = fitted.fitted_with(fitted.encodings[::5], np.arange(3), np.ones(3, dtype=np.float32))

    assert network.scores(fitted.encodings).shape == (15, 3)


@pytest.mark.parametrize("strength", [0.0001, 1_000.0])
@pytest.mark.parametrize("linear", ["linear_svm", "logistic_regression"])
def test_any_regularization_allowed_gives_finite_scores_and_no_warning(linear, strength):
    fitted = Fitted(linear, regularization=strength)

    assert np.isfinite(fitted.network.scores(fitted.encodings)).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_an_export_keeps_to_its_versions_of_the_format_and_of_operators(name):
    model = onnx.load_from_string(Fitted(name).network.onnx({}))

    assert model.ir_version == 8
    assert {opset.domain: opset.version for opset in model.opset_import} == {
        "": 16 if name == "forest" else 15,
        "ai.onnx.ml": 2,
    }


@pytest.mark.parametrize(
    "network",
    [
        {"classifier": "nearest"}, {"regularization": 0}, {"regularization": 1001}, {"smoothing": 0},
        {"trees": 0}, {"trees": 501}, {"smallest_leaf": 0},
    ],
)  # fmt: skip
def test_a_setting_out_of_its_range_is_refused(network):
    with pytest.raises(InvalidValueError):
        resolve(ClassicalConfig, {"network": network}, "classical")
