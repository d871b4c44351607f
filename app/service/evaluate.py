"""Measure a published model on examples."""

from collections.abc import Sequence

from ..domain.example import Example, inputs_of
from ..evaluation.figures import Figures, measure
from .model_state import LoadedModel


def evaluate(model: LoadedModel, examples: Sequence[Example]) -> Figures:
    """
    Answer the examples as a server would, and compare.

    Raises:
        ValueError: there is no example.
    """
    predictions = model.pipeline.predict(inputs_of(examples), top_k=1)
    return measure([example.intent for example in examples], predictions)
