"""The forest of `classical`: its graph puts the dense row of term weights together that its trees ask about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from scipy import sparse

from ..families.classical import ClassicalConfig
from ..families.contract import Encoding
from .term_rows import Examples, Rows, network_of, npz, term_rows

_SHARPNESS: Final = 2.0
"""What brings its scores near to logarithms of probabilities, as those of the other classifiers."""
_SMALL: Final = 0.003
"""Added to the share of a forest's votes, whose logarithm is the score."""
_SCORED_AT_ONCE: Final = 256
_OPSET: Final = 16  # a sum in ScatterElements came one later than what the other networks need


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
    votes: Rows
    """Sparse, (n_nodes, n_outputs); those of a text's leaves sum to 1."""

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute the scores of shape (n_encodings, n_outputs)."""
        parts = [np.zeros((0, self.votes.shape[1]), dtype=np.float32)]
        for start in range(0, len(encodings), _SCORED_AT_ONCE):
            dense = term_rows(encodings[start : start + _SCORED_AT_ONCE], self.n_ids).toarray()
            leaves = self._leaves(dense)
            chosen = sparse.csr_matrix(
                (np.ones(leaves.size), leaves.ravel(), np.arange(0, leaves.size + 1, len(self.roots))),
                shape=(len(dense), len(self.feature)),
            )
            share = (chosen @ self.votes).toarray()
            parts.append(np.asarray(np.log(share + _SMALL) * _SHARPNESS, dtype=np.float32))
        return np.concatenate(parts)

    def weights(self) -> tuple[str, bytes]:
        """Give the trees as an .npz file."""
        trees = {"n_ids": np.array(self.n_ids), "roots": self.roots, "feature": self.feature}
        trees |= {"threshold": self.threshold, "left": self.left, "right": self.right}
        return "weights.npz", npz(
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
            "sharpness": np.array([_SHARPNESS], dtype=np.float32),
        }
        return network_of(nodes, constants, self.votes.shape[1], _OPSET)

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


def fitted_forest(config: ClassicalConfig, n_outputs: int, examples: Examples) -> ForestNetwork:
    """Fit the trees; intents without examples get no vote."""
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


def _votes(trees: Sequence[Any], classes: NDArray[np.int64], n_outputs: int) -> Rows:
    shares = [tree.value[:, 0] * (tree.children_left < 0)[:, np.newaxis] for tree in trees]  # (n_nodes, n_classes)
    votes = sparse.vstack([sparse.csr_matrix(share) for share in shares]).tocoo()
    return sparse.csr_matrix(
        ((votes.data / len(trees)).astype(np.float32), (votes.row, classes[votes.col])),
        shape=(votes.shape[0], n_outputs),
    )
