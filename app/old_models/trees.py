"""Decision trees of scikit-learn as the one operator that ONNX has for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .graph import Graph

Say = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees one behind the other; `votes` (n_nodes, n_labels) of each leaf are added up."""

    tree: NDArray[np.int64]
    node: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    votes: NDArray[np.float64]

    @classmethod
    def of(cls, trees: Sequence[Any], n_labels: int, say: Say, factors: Sequence[float] = ()) -> Self:
        """
        Take the trees of pickles.

        Args:
            trees: each with `nodes` and `values`.
            n_labels: of the classifier.
            say: makes of the votes (n_nodes, n_labels) of a tree what its leaves add.
            factors: of each tree.

        Raises:
            ValueError, KeyError, TypeError: they are none.
        """
        parts = []
        for number, tree in enumerate(trees):
            nodes, values = tree.held["nodes"], np.asarray(tree.held["values"], dtype=np.float64)
            if values.shape != (len(nodes), 1, n_labels) or not np.isfinite(values).all():
                raise ValueError("a tree does not vote for these labels")
            said = say(values[:, 0]) * (factors[number] if len(factors) else 1.0)
            parts.append((number, nodes, said))
        if not parts:
            raise ValueError("no trees")
        return cls(
            tree=np.concatenate([np.full(len(nodes), number) for number, nodes, _ in parts]),
            node=np.concatenate([np.arange(len(nodes)) for _, nodes, _ in parts]),
            feature=np.concatenate([np.asarray(nodes["feature"], dtype=np.int64) for _, nodes, _ in parts]),
            threshold=np.concatenate(
                [_at_most(np.asarray(nodes["threshold"], dtype=np.float64)) for _, nodes, _ in parts]
            ),
            left=np.concatenate([np.asarray(nodes["left_child"], dtype=np.int64) for _, nodes, _ in parts]),
            right=np.concatenate([np.asarray(nodes["right_child"], dtype=np.int64) for _, nodes, _ in parts]),
            votes=np.concatenate([said for *_, said in parts]),
        )

    def write(self, graph: Graph, columns: int) -> None:
        """
        Put them on the bag.

        Raises:
            ValueError: they ask for a column that there is not, or lead nowhere.
        """
        is_leaf = self.left < 0
        sizes = np.bincount(self.tree)[self.tree]
        inner = ~is_leaf
        # children stand behind their parents, so that no way through a tree is endless
        for child in (self.left, self.right):
            if ((child <= self.node) | (child >= sizes))[inner].any():
                raise ValueError("a tree leads nowhere")
        if (self.feature[inner] < 0).any() or (self.feature[inner] >= columns).any():
            raise ValueError(f"a tree asks for more than {columns} columns")
        leaves = np.flatnonzero(is_leaf)
        n_labels = self.votes.shape[1]
        graph.add(
            "TreeEnsembleRegressor",
            domain="ai.onnx.ml",
            n_targets=n_labels,
            aggregate_function="SUM",
            nodes_treeids=self.tree,
            nodes_nodeids=self.node,
            nodes_featureids=np.maximum(self.feature, 0),
            nodes_modes=np.where(is_leaf, "LEAF", "BRANCH_LEQ").tolist(),
            nodes_values=self.threshold,
            nodes_truenodeids=np.where(is_leaf, 0, self.left),
            nodes_falsenodeids=np.where(is_leaf, 0, self.right),
            target_treeids=np.repeat(self.tree[leaves], n_labels),
            target_nodeids=np.repeat(self.node[leaves], n_labels),
            target_ids=np.tile(np.arange(n_labels), len(leaves)),
            target_weights=self.votes[leaves].astype(np.float32).ravel(),
        )


def _at_most(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round down: a number of single precision is at most the one where it is at most the other."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
