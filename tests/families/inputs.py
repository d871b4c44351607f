"""Give every family inputs of the kind that it takes: the same texts, or records that hold each in a field."""

from collections.abc import Sequence
from typing import Any

from app.domain.example import Input, InputKind
from app.families.catalogue import family_named
from app.families.contract import Features

FIELD = "said"


def as_input(features: Features[Any] | type[Features[Any]], text: str) -> Input:
    """Give a text as these features take it."""
    return text if features.input_kind is InputKind.TEXT else {FIELD: text}


def as_inputs(features: Features[Any] | type[Features[Any]], texts: Sequence[str]) -> list[Input]:
    """Give texts as these features take them."""
    return [as_input(features, text) for text in texts]


def least_settings(family: str) -> dict[str, Any]:
    """Give what a family has to be told."""
    return {} if family_named(family).features.input_kind is InputKind.TEXT else {"fields": {FIELD: "text"}}
