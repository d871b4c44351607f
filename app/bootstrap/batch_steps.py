"""How the lines of a file are answered by a job. Nothing here reaches what trains."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..data.asked_lines import read_lines
from ..data.packed import Packer, unpacked_file
from ..domain.batch_errors import ResultTooLargeError
from ..domain.job import BatchOrder
from ..domain.model_reference import ModelReference
from ..jobs.batch import AnsweredPart, LoadedBatch
from ..service.line_answers import answer_lines
from ..service.model_loader import ModelLoader
from ..service.model_state import LoadedModel
from ..settings import Settings
from .registry import wire_registry

_MB: Final = 1 << 20


class BatchSteps:
    """The steps of a batch, with the registry and the pipelines of this project."""

    def __init__(self, settings: Settings) -> None:
        self._registry, self._settings = wire_registry(settings), settings

    def load(self, order: BatchOrder) -> LoadedBatch:
        """
        Load the version that the reference means now.

        Raises:
            NotFoundError, ConflictError, DamagedModelError: there is none, or it cannot be served.
        """
        version = self._registry.resolve(ModelReference.parse(order.reference))
        model = ModelLoader(self._registry, lambda _: None).load(order.model, version)
        return LoadedBatch(version, lambda pieces: self._answer(model, order.top_k, pieces))

    def _answer(self, model: LoadedModel, top_k: int, pieces: Iterable[bytes]) -> Iterator[AnsweredPart]:
        """
        Answer a file piece by piece; no more than some lines of it are in memory.

        Raises:
            ResultTooLargeError: the answers take more than they may.
        """
        lines = read_lines(unpacked_file(pieces))
        packer, room = Packer(), _Room(self._settings.batch_result_mb)
        for some in answer_lines(lines, model, top_k=top_k, max_text_chars=self._settings.max_text_chars):
            yield AnsweredPart(room.taken_by(packer.add(some.content)), some.n_answered, some.n_failed)
        yield AnsweredPart(room.taken_by(packer.rest()), 0, 0)


class _Room:
    """What a result may take."""

    def __init__(self, limit_mb: int) -> None:
        self._limit_mb, self._n_bytes = limit_mb, 0

    def taken_by(self, pieces: Sequence[bytes]) -> tuple[bytes, ...]:
        """
        Count pieces, and give them.

        Raises:
            ResultTooLargeError: there is no room for them.
        """
        self._n_bytes += sum(map(len, pieces))
        if self._n_bytes > self._limit_mb * _MB:
            raise ResultTooLargeError(self._limit_mb)
        return tuple(pieces)
