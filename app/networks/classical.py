"""
The classifiers of `classical`, fitted by scikit-learn and exported as graphs of plain operators.

All but the forest are one table of a row per term and a column per intent: the rows of a text's terms are summed by
weight. The forest needs the dense row of term weights, which its graph puts together.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy import sparse
from threadpoolctl import threadpool_limits

from ..families.bow import BowFeatures
from ..families.classical import ClassicalConfig
from ..families.contract import Encoding
from .fitted_network import FittedNetwork

_C: Final = {"linear_svm": 1.0, "logistic_regression": 20.0}
_MOST_STEPS: Final = 2_000
# Scores as their classifier gives them are too alike, or too far apart, to be taken for logarithms of probabilities;
# these factors bring them near to it, so that a model without validation examples has a confidence that says something.
_SHARPNESS: Final = {"linear_svm": 5.0, "logistic_regression": 1.0, "naive_bayes": 0.5, "forest": 2.0}
_NEVER: Final = -1e4
"""The score of an intent of which there was no example; beyond what a text can make up for."""
_SMALL: Final = 0.003
"""Added to the share of a forest's votes, whose logarithm is the score."""
_SCORED_AT_ONCE: Final = 256
# What tf2onnx gives for the other families; the forest needs a sum in ScatterElements, which came one later.
_IR, _OPSET, _OPSET_OF_FOREST, _OPSET_OF_TREES = 8, 15, 16, 2

_Rows: TypeAlias = Any  # scipy's sparse matrices are untyped


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
    examples = _Examples(_rows(encodings, features.n_ids), labels, weights)
    # one thread: sums, and so the last digits, depend on how many there are
    with threadpool_limits(1), warnings.catch_warnings():
        # of a fit short of its optimum, and of intents with an example each: both are models like any other
        warnings.simplefilter("ignore", UserWarning)
        if config.network.classifier == "forest":
            return _fitted_forest(config, n_outputs, examples)
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
    return LinearNetwork(table, bias)


@dataclass(frozen=True, slots=True)
class LinearNetwork:
    """Scores are the weighted sum of the rows of `table` (n_ids, n_outputs), and `bias` (n_outputs,)."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute the scores of shape (n_encodings, n_outputs)."""
        if not encodings:
            return np.zeros((0, len(self.bias)), dtype=np.float32)
        rows = _rows(encodings, len(self.table)).astype(np.float64)
        return np.asarray(rows @ self.table + self.bias, dtype=np.float32)

    def weights(self) -> tuple[str, bytes]:
        """Give table and bias as an .npz file."""
        return "weights.npz", _npz(table=self.table, bias=self.bias)

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
        return _model(nodes, {"table": self.table, "bias": self.bias, "axis": axis}, len(self.bias), _OPSET)


@dataclass(frozen=True, slots=True)
class ForestNetwork:
    """
    Scores are the logarithm of the share of votes.

    Nodes of all trees are numbered through; a text goes left where its weight of `feature` is at most `threshold`, and
    a leaf is its own left and right.
    """

    n_ids: int
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    votes: _Rows
    """Sparse, (n_nodes, n_outputs); those of a text's leaves sum to 1."""

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute the scores of shape (n_encodings, n_outputs)."""
        parts = [np.zeros((0, self.votes.shape[1]), dtype=np.float32)]
        for start in range(0, len(encodings), _SCORED_AT_ONCE):
            dense = _rows(encodings[start : start + _SCORED_AT_ONCE], self.n_ids).toarray()
            leaves = self._leaves(dense)
            chosen = sparse.csr_matrix(
                (np.ones(leaves.size), leaves.ravel(), np.arange(0, leaves.size + 1, len(self.roots))),
                shape=(len(dense), len(self.feature)),
            )
            share = (chosen @ self.votes).toarray()
            parts.append(np.asarray(np.log(share + _SMALL) * _SHARPNESS["forest"], dtype=np.float32))
        return np.concatenate(parts)

    def weights(self) -> tuple[str, bytes]:
        """Give the trees as an .npz file."""
        trees = {"n_ids": np.array(self.n_ids), "roots": self.roots, "feature": self.feature}
        trees |= {"threshold": self.threshold, "left": self.left, "right": self.right}
        return "weights.npz", _npz(
            **trees, votes=self.votes.data, votes_of=self.votes.indices, votes_from=self.votes.indptr
        )

    def onnx(self, example: Encoding) -> bytes:  # noqa: ARG002 - nothing is traced
        """Write the graph: weights into a dense row, the row through the trees."""
        nodes = [
            helper.make_node("Shape", ["ids"], ["n_texts"], start=0, end=1),
            helper.make_node("Concat", ["n_texts", "n_ids"], ["shape"], axis=0),
            helper.make_node("ConstantOfShape", ["shape"], ["blank"]),  # float32 zeros
            helper.make_node("ScatterElements", ["blank", "ids", "weights"], ["dense"], axis=1, reduction="add"),
            helper.make_node(
                "TreeEnsembleRegressor", ["dense"], ["share"], domain="ai.onnx.ml", **self._tree_attributes()
            ),
            helper.make_node("Add", ["share", "small"], ["over_0"]),
            helper.make_node("Log", ["over_0"], ["logarithm"]),
            helper.make_node("Mul", ["logarithm", "sharpness"], ["scores"]),
        ]
        constants: dict[str, NDArray[Any]] = {
            "n_ids": np.array([self.n_ids], dtype=np.int64),
            "small": np.array([_SMALL], dtype=np.float32),
            "sharpness": np.array([_SHARPNESS["forest"]], dtype=np.float32),
        }
        return _model(nodes, constants, self.votes.shape[1], _OPSET_OF_FOREST)

    def _leaves(self, dense: NDArray[np.float32]) -> NDArray[np.int32]:
        """Find the leaf of each row in each tree, (n_rows, n_trees)."""
        texts, at = np.arange(len(dense))[:, np.newaxis], np.repeat(self.roots[np.newaxis], len(dense), axis=0)
        while True:
            is_left = dense[texts, self.feature[at]] <= self.threshold[at]
            below = np.where(is_left, self.left[at], self.right[at])
            if np.array_equal(below, at):
                return at
            at = below

    def _tree_attributes(self) -> dict[str, Any]:
        numbers = np.arange(len(self.feature), dtype=np.int32)
        trees = np.searchsorted(self.roots, numbers, side="right") - 1
        first, is_leaf = self.roots[trees], self.left == numbers
        votes = self.votes.tocoo()
        return {
            "n_targets": int(self.votes.shape[1]),
            "aggregate_function": "SUM",
            "nodes_treeids": trees,
            "nodes_nodeids": numbers - first,
            "nodes_featureids": self.feature,
            "nodes_modes": np.where(is_leaf, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_values": self.threshold,
            "nodes_truenodeids": np.where(is_leaf, 0, self.left - first),
            "nodes_falsenodeids": np.where(is_leaf, 0, self.right - first),
            "target_treeids": trees[votes.row],
            "target_nodeids": (numbers - first)[votes.row],
            "target_ids": votes.col,
            "target_weights": votes.data,
        }


class _Examples(NamedTuple):
    rows: _Rows
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]


class _Columns(NamedTuple):
    """A column of the table (n_ids, n_known) and a bias for each intent that there are examples of."""

    table: NDArray[np.float64]
    bias: NDArray[np.float64]


def _fitted_linear(config: ClassicalConfig, examples: _Examples) -> _Columns:
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


def _fitted_naive_bayes(config: ClassicalConfig, examples: _Examples) -> _Columns:
    """Take out of each row what is common to it: it says nothing of any intent, and costs digits of the sums."""
    from sklearn.naive_bayes import MultinomialNB

    model = MultinomialNB(alpha=config.network.smoothing).fit(*examples)
    table, bias = model.feature_log_prob_.T, model.class_log_prior_
    return _Columns(table - table.mean(axis=1, keepdims=True), bias - bias.mean())


def _fitted_forest(config: ClassicalConfig, n_outputs: int, examples: _Examples) -> ForestNetwork:
    from sklearn.ensemble import ExtraTreesClassifier

    settings = config.network
    model = ExtraTreesClassifier(
        settings.trees, min_samples_leaf=settings.smallest_leaf, random_state=config.training.seed
    ).fit(*examples)
    trees = [estimator.tree_ for estimator in model.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    return ForestNetwork(
        n_ids=examples.rows.shape[1],
        roots=roots.astype(np.int32),
        # scikit-learn marks a leaf by negative numbers
        feature=np.concatenate([np.maximum(tree.feature, 0) for tree in trees]).astype(np.int32),
        threshold=np.concatenate([_at_most(tree.threshold) for tree in trees]),
        left=np.concatenate([_numbered(tree.children_left, root) for tree, root in zip(trees, roots, strict=True)]),
        right=np.concatenate([_numbered(tree.children_right, root) for tree, root in zip(trees, roots, strict=True)]),
        votes=_votes(trees, np.asarray(model.classes_), n_outputs),
    )


def _numbered(children: NDArray[np.int64], root: int) -> NDArray[np.int32]:
    own = np.arange(len(children))
    return (np.where(children < 0, own, children) + root).astype(np.int32)


def _at_most(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round down: a number of single precision is at most the one where it is at most the other."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def _votes(trees: Sequence[Any], classes: NDArray[np.int64], n_outputs: int) -> _Rows:
    shares = [tree.value[:, 0] * (tree.children_left < 0)[:, np.newaxis] for tree in trees]  # (n_nodes, n_classes)
    votes = sparse.vstack([sparse.csr_matrix(share) for share in shares]).tocoo()
    return sparse.csr_matrix(
        ((votes.data / len(trees)).astype(np.float32), (votes.row, classes[votes.col])),
        shape=(votes.shape[0], n_outputs),
    )


def _rows(encodings: Sequence[Encoding], n_ids: int) -> _Rows:
    """Give the term weights as a sparse matrix (n_encodings, n_ids) of float32."""
    starts = np.cumsum([0, *(len(encoding["ids"]) for encoding in encodings)])
    ids = np.concatenate([encoding["ids"] for encoding in encodings])
    weights = np.concatenate([encoding["weights"] for encoding in encodings])
    rows = sparse.csr_matrix((weights, ids, starts), shape=(len(encodings), n_ids))
    rows.sum_duplicates()
    return rows


def _npz(**arrays: NDArray[Any]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]  # the stub takes a name for an option
    return content.getvalue()


def _model(nodes: Sequence[Any], constants: dict[str, NDArray[Any]], n_outputs: int, opset: int) -> bytes:
    shape = ["texts", "terms"]
    graph = helper.make_graph(
        nodes,
        "classical",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, shape),
            helper.make_tensor_value_info("weights", TensorProto.FLOAT, shape),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["texts", n_outputs])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", _OPSET_OF_TREES)]
    model = helper.make_model(graph, producer_name="parley", opset_imports=opsets, ir_version=_IR)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
