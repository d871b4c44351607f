"""
What a pipeline holds in memory, told from the files that it is made of.

The factors were measured on resident memory, 60 to 200 pipelines of each family at once; what comes out is up to a
tenth more than the truth, of `hybrid` a third.
"""

from collections.abc import Mapping
from typing import Final

from .artifacts import ENTITIES, NETWORK, TOKENIZER

_OF_TERMS: Final = 11.5  # a term of six letters on disk is a text, its number and a place in a dictionary in memory
_OF_NAMES: Final = 6.0
_OF_TEXTS: Final = 2.0
_OF_NETWORK: Final = 1.1
_OF_OPERATORS: Final = {b"TreeEnsemble": 5.5, b"LSTM": 1.5}
"""Networks with an operator that keeps what it reads in another form, or twice."""
_OPERATORS_WITHIN: Final = 1 << 16  # a file has them before its numbers
_BESIDE: Final = 120_000  # the session itself, the manifest


def footprint(files: Mapping[str, bytes]) -> int:
    """Give the bytes that a pipeline of these files (by name) takes, before it has answered anything."""
    network, terms, names = files.get(NETWORK, b""), len(files.get(TOKENIZER, b"")), len(files.get(ENTITIES, b""))
    operators = network[:_OPERATORS_WITHIN]
    of_network = next((factor for name, factor in _OF_OPERATORS.items() if name in operators), _OF_NETWORK)
    texts = sum(map(len, files.values())) - len(network) - terms - names
    return int(of_network * len(network) + _OF_TERMS * terms + _OF_NAMES * names + _OF_TEXTS * texts) + _BESIDE
