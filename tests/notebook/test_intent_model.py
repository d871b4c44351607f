"""A model as an object: it answers in a notebook what a server answers, and scikit-learn's tools know what it is."""

import pickle
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier  # noqa: TID253
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: TID253
from sklearn.pipeline import Pipeline  # noqa: TID253

from app import IntentModel
from app.data.reader import read_dataset
from app.domain.errors import NotFoundError
from app.domain.training_errors import UnusableDatasetError
from tests.workers import until

ARCHITECTURE = '''
"""One layer on the sum of the terms."""
import keras
from keras import layers
from app.networks.bag import Bag

def build(config, features, n_outputs, *, serving):
    ids = keras.Input((None,), dtype="int32", name="ids")
    weights = keras.Input((None,), dtype="float32", name="weights")
    scores = Bag(features.n_ids, n_outputs, 0.0, serving=serving, name="only")(ids, weights)
    return keras.Model({"ids": ids, "weights": weights}, layers.Activation("linear", name="scores")(scores))
'''


@pytest.fixture(scope="module")
def data(tiny_data):
    examples = read_dataset(tiny_data).examples
    return [str(example.input) for example in examples], [example.intent for example in examples]


def quick(**params):
    """Give a model of the family that is fitted at once."""
    return IntentModel("classical", **params)


@pytest.fixture(scope="module")
def fitted(data):
    return quick().fit(*data)


def test_importing_the_package_loads_nothing_until_the_model_is_asked_for(python):
    done = python("-c", "import app, sys; print([name for name in sys.modules if name.startswith('app.')], 'sklearn' in sys.modules)")  # fmt: skip  # noqa: E501

    assert done.stdout.strip() == "[] False"


def test_a_fitted_model_predicts_what_it_was_shown(fitted, data):
    texts, intents = data

    assert fitted.predict(texts).tolist() == intents
    assert fitted.score(texts, intents) == 1.0


def test_probabilities_stand_in_the_order_of_the_classes(fitted, data):
    texts, intents = data

    probabilities = fitted.predict_proba(texts)

    assert probabilities.shape == (len(texts), 4)
    assert probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert fitted.classes_[probabilities.argmax(axis=1)].tolist() == intents


def test_a_text_of_which_nothing_is_known_has_no_intent_and_no_probability(fitted):
    assert fitted.predict(["ქართული"]).tolist() == [""]
    assert fitted.predict_proba(["ქართული"]).tolist() == [[0.0] * 4]
    assert fitted.answers(["ქართული"])[0].fallback == "no_known_words"


def test_it_measures_itself_on_examples(fitted, data):
    figures = fitted.evaluate(*data)

    assert (figures.examples, figures.accuracy) == (len(data[0]), 1.0)


def test_what_is_saved_and_loaded_again_answers_the_same(fitted, data, tmp_path):
    assert [fitted.save(tmp_path / "desk"), fitted.save(tmp_path / "desk", activate=False)] == [1, 2]

    for name in ("desk", "desk@1", "desk@2"):
        assert np.array_equal(IntentModel.load(tmp_path / name).predict_proba(data[0]), fitted.predict_proba(data[0]))
    with pytest.raises(NotFoundError):
        IntentModel.load(tmp_path / "desk@3")


def test_what_is_declared_is_found_and_saved_and_loaded_with_the_model(data, tmp_path):
    declared = {"when": {"date": "en"}, "people": {"number": "en"}}
    model = quick(entities=declared).fit(*data)
    model.save(tmp_path / "desk")
    again = IntentModel.load(tmp_path / "desk")
    moment = datetime(2026, 3, 18)  # noqa: DTZ001 - as this machine's clock tells it

    [found] = model.named(["a table for two tomorrow"], now=moment)

    assert [(one.entity, one.value) for one in found.entities] == [("people", 2), ("when", "2026-03-19")]
    assert again.named(["a table for two tomorrow"], now=moment) == [found]
    assert clone(again).get_params(deep=False)["entities"] == declared
    assert quick().fit(*data).named(["for two"])[0].entities == ()


def test_what_a_server_would_load_is_loaded_with_its_hyper_parameters(tiny_models):
    model = IntentModel.load(tiny_models / "tiny")

    assert model.family == "bow"
    assert model.get_params()["training__epochs"] == 12
    assert model.predict(["good morning"]).tolist() == ["greeting"]
    assert clone(model).get_params() == model.get_params()


def test_a_version_of_other_words_answers_without_a_restart(start_server, tiny_models, tmp_path):
    models = Path(shutil.copytree(tiny_models, tmp_path / "models"))
    server = start_server(models, PARLEY_DEFAULT_MODEL="tiny")

    def answer():
        return server.post("/predict", {"text": "striped zebra"}).json()

    before = answer()
    other = quick().fit(
        ["zebra", "striped zebra", "zebras", "whale", "blue whale", "whales"], ["zebra"] * 3 + ["whale"] * 3
    )
    other.save(models / "tiny")

    assert before["intent"] not in {"zebra", "whale"}
    until(lambda: answer()["intent"] == "zebra")
    assert server.process.poll() is None


def test_a_model_goes_through_pickle_as_parallel_searches_need_it(fitted, data):
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own

    assert np.array_equal(again.predict_proba(data[0]), fitted.predict_proba(data[0]))


def test_a_clone_has_the_parameters_and_nothing_learned(fitted):
    again = clone(fitted)

    assert again.get_params() == fitted.get_params()
    assert not hasattr(again, "classes_")
    assert is_classifier(again)
    with pytest.raises(ValueError, match="not trained yet"):
        again.predict(["hello"])


def test_parameters_are_those_of_the_configuration():
    model = IntentModel("bow").set_params(training__epochs=3, min_confidence=0.5)

    params = model.get_params()
    assert (params["training__epochs"], params["training__seed"], params["min_confidence"]) == (3, 7, 0.5)
    assert model.get_params(deep=False)["training"] == {"epochs": 3}


@pytest.mark.parametrize(
    "params", [{"epochs": 3}, {"training__epoch": 3}, {"training__epochs": 0}, {"family": "none"}, {"family__x": 1}]
)
def test_a_parameter_that_means_nothing_is_refused_as_scikit_learn_refuses_it(params):
    with pytest.raises(ValueError, match=r"."):
        IntentModel("bow").set_params(**params)


def test_it_works_in_a_pipeline_in_cross_validation_and_in_a_search(data):
    texts, intents = np.array(data[0], dtype=object), np.array(data[1])
    pipeline = Pipeline([("intents", quick())])

    scores = cross_val_score(pipeline, texts, intents, cv=2)
    search = GridSearchCV(quick(), {"network__classifier": ["linear_svm", "naive_bayes"]}, cv=2).fit(texts, intents)

    assert scores.shape == (2,)
    assert scores.mean() > 0.5
    assert search.best_params_["network__classifier"] in {"linear_svm", "naive_bayes"}
    assert search.predict(["good morning"]).tolist() == ["greeting"]


def test_texts_out_of_scope_teach_it_none_of_these(data):
    model = quick().fit(*data, out_of_scope=["who won the match", "sing me a song", "tell a tale"])

    assert model.answers(["sing me a song"])[0].intent is None
    assert model.predict_proba(["sing me a song"]).sum() < 0.9


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras asks numpy in an old way
def test_an_architecture_is_one_file_of_python(data, tmp_path):
    (tmp_path / "flat.py").write_text(ARCHITECTURE)
    model = IntentModel(
        "bow", architecture=tmp_path / "flat.py", training={"epochs": 40, "batch_size": 8, "refit": False}
    )

    model.fit(*data)

    assert model.score(*data) > 0.9
    model.save(tmp_path / "flat")
    assert IntentModel.load(tmp_path / "flat").predict(data[0]).tolist() == model.predict(data[0]).tolist()
    own = IntentModel("bow", training={"epochs": 1, "refit": False}).fit(*data)
    assert len(model.files_["model.onnx"]) < len(own.files_["model.onnx"]) / 5


def test_an_architecture_is_a_configuration_file(tmp_path):
    (tmp_path / "desk.yaml").write_text("family: lstm\ndata: nowhere.csv\nnetwork: {lstm_size: 8}\n")

    model = IntentModel.configured(tmp_path / "desk.yaml")

    assert (model.family, model.get_params()["network__lstm_size"]) == ("lstm", 8)


@pytest.mark.parametrize(
    ("texts", "intents", "problem"),
    [
        ("hello", ["x"], "expected several texts"),
        (["hello", 3], ["x", "y"], "not int in place 1"),
        (["hello"], ["x", "y"], "1 texts with 2 intents"),
        ([["hello"]], ["x"], "expected texts in a row"),
        (["hello", "hi"], [1, 2], "not int in place 0"),
    ],
)
def test_what_is_no_training_data_is_refused_with_a_sentence(texts, intents, problem):
    with pytest.raises(ValueError, match=problem):
        quick().fit(texts, intents)


def test_data_of_one_intent_are_refused_as_everywhere():
    with pytest.raises(UnusableDatasetError):
        quick().fit(["hello", "hi"], ["x", "x"])
