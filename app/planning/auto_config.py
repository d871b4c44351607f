"""The configuration of `family: auto`."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ..families.model_config import ModelConfig

AUTO: Final = "auto"


class SearchConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long to look."""

    budget_s: Annotated[float, Meta(ge=0.0, le=86_400.0)] = 120.0
    """Seconds; the first two candidates are tried on one fold whatever it is."""
    folds: Annotated[int, Meta(ge=2, le=10)] = 3


class AutoConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a model whose family is to be found; of `training`, what all families have in common is kept."""

    family: str = AUTO
    search: SearchConfig = SearchConfig()
