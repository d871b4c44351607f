"""
The classifiers of `classical`, fitted by scikit-learn and exported as graphs of plain operators.

All but the forest are one table of a row per term and a column per intent: the rows of a text's terms are summed by
weight. The table is kept in half precision, as that of `bow`.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from threadpoolctl import threadpool_limits

from ..families.bow import BowFeatures
from ..families.classical import ClassicalConfig
from ..families.contract import Encoding
from .classical_forest import fitted_forest
from .fitted_network import FittedNetwork
from .half_tables import half, with_half_tables
from .term_rows import Examples, network_of, npz, term_rows

_C: Final = {"linear_svm": 1.0, "logistic_regression": 20.0}
_MOST_STEPS: Final = 2_000
# Scores as their classifier gives them are too alike, or too far apart, to be taken for logarithms of probabilities;
# these factors bring them near to it, so that a model without validation examples has a confidence that says something.
_SHARPNESS: Final = {"linear_svm": 5.0, "logistic_regression": 1.0, "naive_bayes": 0.5}
_NEVER: Final = -1e4
"""The score of an intent of which there was no example; beyond what a text can make up for."""


def fit(  # noqa: PLR0913, PLR0917 - the seam's own
    config: ClassicalConfig,
    features: BowFeatures,
    n_outputs: int,
    encodings: Sequence[Encoding],
    labels: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> FittedNetwork:
    """
    Fit the classifier of the configuration.

    Args:
        config: of the model.
        features: those that gave the encodings.
        n_outputs: how many intents there are, those without examples among them.
        encodings: of the examples, one or more.
        labels: their class indices, (n,).
        weights: how much each example counts, (n,).
    """
    examples = Examples(term_rows(encodings, features.n_ids), labels, weights)
    # one thread: sums, and so the last digits, depend on how many there are
    with threadpool_limits(1), warnings.catch_warnings():
        # of a fit short of its optimum, and of intents with an example each: both are models like any other
        warnings.simplefilter("ignore", UserWarning)
        if config.network.classifier == "forest":
            return fitted_forest(config, n_outputs, examples)
        known = np.unique(labels)
        if len(known) == 1:  # what scikit-learn's linear classifiers refuse; there is nothing to tell apart
            columns = _Columns(np.zeros((features.n_ids, 1)), np.zeros(1))
        elif config.network.classifier == "naive_bayes":
            columns = _fitted_naive_bayes(config, examples)
        else:
            columns = _fitted_linear(config, examples)
    sharpness = _SHARPNESS[config.network.classifier]
    table = np.zeros((features.n_ids, n_outputs), dtype=np.float32)
    bias = np.full(n_outputs, _NEVER, dtype=np.float32)
    table[:, known], bias[known] = columns.table * sharpness, columns.bias * sharpness
    table[0] = 0.0  # padding
    # rounded here, so that the export computes the same to the last digit
    return LinearNetwork(half(table), bias)


@dataclass(frozen=True, slots=True)
class LinearNetwork:
    """Scores are the weighted sum of the rows of `table` (n_ids, n_outputs), and `bias` (n_outputs,)."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute the scores of shape (n_encodings, n_outputs)."""
        if not encodings:
            return np.zeros((0, len(self.bias)), dtype=np.float32)
        rows = term_rows(encodings, len(self.table)).astype(np.float64)
        return np.asarray(rows @ self.table + self.bias, dtype=np.float32)

    def weights(self) -> tuple[str, bytes]:
        """Give table and bias as an .npz file."""
        return "weights.npz", npz(table=self.table, bias=self.bias)

    def onnx(self, example: Encoding) -> bytes:  # noqa: ARG002 - nothing is traced
        """Write the graph: gather, sum by weight, add."""
        axis = np.array([1], dtype=np.int64)
        nodes = [
            helper.make_node("Gather", ["table", "ids"], ["rows"], axis=0),  # (texts, terms, n_outputs)
            helper.make_node("Unsqueeze", ["weights", "axis"], ["factors"]),  # (texts, 1, terms)
            helper.make_node("MatMul", ["factors", "rows"], ["sums"]),
            helper.make_node("Squeeze", ["sums", "axis"], ["bag"]),  # (texts, n_outputs)
            helper.make_node("Add", ["bag", "bias"], ["scores"]),
        ]
        constants: dict[str, NDArray[Any]] = {"table": self.table, "bias": self.bias, "axis": axis}
        return with_half_tables(network_of(nodes, constants, len(self.bias)))


class _Columns(NamedTuple):
    """A column of the table (n_ids, n_known) and a bias for each intent that there are examples of."""

    table: NDArray[np.float64]
    bias: NDArray[np.float64]


def _fitted_linear(config: ClassicalConfig, examples: Examples) -> _Columns:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    settings = config.network
    is_svm = settings.classifier == "linear_svm"
    kind = LinearSVC if is_svm else LogisticRegression
    strength = settings.regularization or _C[settings.classifier]
    model = kind(C=strength, max_iter=_MOST_STEPS, random_state=config.training.seed).fit(*examples)
    table, bias = model.coef_.T, model.intercept_
    if len(bias) > 1:
        return _Columns(table, bias)
    # Of two intents there is one column, for the second. An SVM for each would mirror the other; the logit of a
    # regression is the difference of the two.
    share = np.array([-1.0, 1.0]) * (1.0 if is_svm else 0.5)
    return _Columns(table * share, bias * share)


def _fitted_naive_bayes(config: ClassicalConfig, examples: Examples) -> _Columns:
    """Take out of each row what is common to it: it says nothing of any intent, and costs digits of the sums."""
    from sklearn.naive_bayes import MultinomialNB

    model = MultinomialNB(alpha=config.network.smoothing).fit(*examples)
    table, bias = model.feature_log_prob_.T, model.class_log_prior_
    return _Columns(table - table.mean(axis=1, keepdims=True), bias - bias.mean())
