"""Classifiers of scikit-learn as ONNX: each gives the probabilities that its `predict_proba` gave."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..domain.training_errors import UnimportableModelError
from .closed_unpickler import Inert
from .graph import Graph, of_type
from .trees import Trees

_TINY: Final = float(np.finfo(np.float64).eps)


def classifier_network(classifier: Inert, columns: int) -> bytes:
    """
    Write the network of a fitted classifier.

    Raises:
        UnimportableModelError: it is none of those that can be brought along, or its numbers do not fit.
    """
    if classifier.kind not in _WRITERS:
        raise UnimportableModelError(classifier.origin, f"not one of {', '.join(sorted(_WRITERS))}")
    labels = classifier.get("classes_")
    if labels is None or len(labels) < 2:  # noqa: PLR2004
        raise UnimportableModelError(classifier.origin, "it was never fitted, or on one label")
    graph = Graph("bag")
    try:
        _WRITERS[classifier.kind](graph, classifier, columns, len(labels))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise UnimportableModelError(classifier.origin, f"its numbers do not fit together ({error})") from error
    return graph.written(len(labels))


def _logistic_regression(graph: Graph, classifier: Inert, columns: int, n_labels: int) -> None:
    table, bias = _numbers(classifier, "coef_"), _numbers(classifier, "intercept_")
    one = table.shape[0] == 1
    _insist(table.shape == (1 if one and n_labels == 2 else n_labels, columns), "coef_")  # noqa: PLR2004
    # before 0.22 each label was held against the rest unless told otherwise; `liblinear` still does
    mode = classifier.get("multi_class", "auto")
    is_apart = mode in ("ovr", "warn") or (mode in ("auto", "deprecated") and classifier.get("solver") == "liblinear")
    if one:
        # of two labels there is one row; told jointly, it is half of the way between them
        share = np.array([[-0.5], [0.5]]) if is_apart or mode in ("auto", "deprecated") else np.array([[-1.0], [1.0]])
        table, bias = table * share, bias * share[:, 0]
        is_apart = False
    graph.add("MatMul", of_type(table.T))
    graph.add("Add", of_type(bias))
    if not is_apart:
        graph.add("Softmax", axis=-1)
        return
    graph.add("Sigmoid")
    _to_shares(graph)


def _naive_bayes(graph: Graph, classifier: Inert, columns: int, n_labels: int) -> None:
    table, bias = _numbers(classifier, "feature_log_prob_"), _numbers(classifier, "class_log_prior_")
    _insist(table.shape == (n_labels, columns) and bias.shape == (n_labels,), "feature_log_prob_")
    graph.add("MatMul", of_type((table - table.mean(axis=0)).T))  # what is common to all labels costs digits
    graph.add("Add", of_type(bias))
    graph.add("Softmax", axis=-1)


def _tree(graph: Graph, classifier: Inert, columns: int, n_labels: int) -> None:
    Trees.of([classifier.get("tree_")], n_labels, _shares).write(graph, columns)


def _forest(graph: Graph, classifier: Inert, columns: int, n_labels: int) -> None:
    trees = [one.get("tree_") for one in classifier.get("estimators_", [])]
    Trees.of(trees, n_labels, lambda votes: _shares(votes) / len(trees)).write(graph, columns)


def _adaboost(graph: Graph, classifier: Inert, columns: int, n_labels: int) -> None:
    """Write what trees say as `decision_function` adds it up, and make shares of it as `predict_proba` does."""
    estimators = list(classifier.get("estimators_", []))
    if any(one.kind != "DecisionTreeClassifier" for one in estimators):
        raise UnimportableModelError(classifier.origin, "only of decision trees can it be brought along")
    weights = _numbers(classifier, "estimator_weights_")[: len(estimators)]
    others = n_labels - 1

    def of_probabilities(votes: NDArray[np.float64]) -> NDArray[np.float64]:
        logarithms = np.log(np.maximum(_shares(votes), _TINY))
        return np.asarray(others * (logarithms - logarithms.mean(axis=1, keepdims=True)))

    def of_choices(votes: NDArray[np.float64]) -> NDArray[np.float64]:
        chosen = np.eye(n_labels)[votes.argmax(axis=1)]
        return np.asarray(chosen - (1 - chosen) / others)

    is_real = classifier.get("algorithm") == "SAMME.R"
    factors = (np.ones(len(estimators)) if is_real else weights) / weights.sum() / others
    say: Callable[[NDArray[np.float64]], NDArray[np.float64]] = of_probabilities if is_real else of_choices
    trees = [one.get("tree_") for one in estimators]
    Trees.of(trees, n_labels, say, factors.tolist()).write(graph, columns)
    graph.add("Softmax", axis=-1)


def _shares(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make shares of the votes of each leaf; versions before 1.3 kept counts."""
    return np.asarray(votes / np.maximum(votes.sum(axis=1, keepdims=True), _TINY))


def _to_shares(graph: Graph) -> None:
    values = graph.at
    graph.add("ReduceSum", np.array([1], dtype=np.int64), keepdims=1)
    total, graph.at = graph.at, values
    graph.add("Div", total)


def _numbers(classifier: Inert, key: str) -> NDArray[np.float64]:
    values = np.asarray(classifier.get(key), dtype=np.float64)
    _insist(bool(np.isfinite(values).all()), key)
    return values


def _insist(is_so: bool, key: str) -> None:  # noqa: FBT001
    if not is_so:
        raise ValueError(f"{key} is not what it should be")


_WRITERS: Final[dict[str, Callable[[Graph, Inert, int, int], None]]] = {
    "AdaBoostClassifier": _adaboost,
    "DecisionTreeClassifier": _tree,
    "LogisticRegression": _logistic_regression,
    "MultinomialNB": _naive_bayes,
    "RandomForestClassifier": _forest,
}
