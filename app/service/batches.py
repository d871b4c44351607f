"""
Files of lines to be answered: put into the queue, and their answers given back piece by piece.

A file may be larger than what a server should hold in memory: it is compressed into pieces that lie on disk until the
table has them.
"""

import errno
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from ..data.packed import PIECE, pack, unpack
from ..domain.batch_errors import TooManyLinesError
from ..domain.errors import InvalidRequestError
from ..domain.job import ENDED, BatchOrder, Job, JobKind, JobState
from ..domain.job_errors import JobNotEndedError, ResultNotFoundError
from ..domain.load_errors import NoRoomError
from .jobs import Jobs
from .loaded_models import LoadedModels

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class BatchWish:
    """How a file is to be answered; `model` is a reference, None the default."""

    model: str | None = None
    top_k: int = 3
    idempotency_key: str | None = None


class Batches:
    """Makes jobs of files; safe to share between threads."""

    def __init__(self, jobs: Jobs, models: LoadedModels, *, max_lines: int) -> None:
        """`max_lines` is what a file may have."""
        self._jobs, self._models, self._max_lines = jobs, models, max_lines

    def submit(self, wish: BatchWish, file: BinaryIO, caller: str) -> Job:
        """
        Queue a file of lines.

        Raises:
            TooManyLinesError, InvalidRequestError: it has too many lines, or none.
            NoRoomError: there is no room for it.
            QueueFullError: too many jobs wait already.
            StorageUnavailableError: the job cannot be kept.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        wanted = self._models.checked(wish.model)
        try:
            with tempfile.TemporaryFile() as beside:
                packed = _Packed(file, beside, self._max_lines)
                order = BatchOrder(wanted.name, str(wanted), packed.n_lines, wish.top_k)
                return self._jobs.submit_batch(order, caller, packed.pieces(), wish.idempotency_key)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise NoRoomError from None

    def result(self, job: Job, number: int) -> bytes | None:
        """
        Give a piece of the answers to a file, as JSON lines; they count from 0. None: there are no more.

        Raises:
            JobNotEndedError: there are none yet.
            ResultNotFoundError: there are none, or none any more.
        """
        if job.order.kind is not JobKind.PREDICT:
            raise ResultNotFoundError(job.id, "it is a training")
        if job.state not in ENDED:
            raise JobNotEndedError(job.id, job.state)
        if job.state is not JobState.SUCCEEDED:
            raise ResultNotFoundError(job.id, f"it was {job.state}" if job.problem is None else job.problem)
        packed = self._jobs.result_piece(job, number)
        if packed is None and number == 0:
            raise ResultNotFoundError(job.id, "it was deleted, or kept for long enough")
        return None if packed is None else unpack(packed)


class _Packed:
    """A file in compressed pieces, beside."""

    def __init__(self, file: BinaryIO, beside: BinaryIO, max_lines: int) -> None:
        """
        Compress it, and count its lines.

        Raises:
            TooManyLinesError, InvalidRequestError: there are too many, or none.
        """
        self._beside, self._sizes = beside, list[int]()
        self.n_lines = 0
        last = b"\n"
        while piece := file.read(PIECE):
            self.n_lines += piece.count(b"\n")
            if self.n_lines > max_lines:
                raise TooManyLinesError(max_lines)
            self._sizes.append(beside.write(pack(piece)))
            last = piece[-1:]
        self.n_lines += last != b"\n"
        if self.n_lines > max_lines:
            raise TooManyLinesError(max_lines)
        if not self.n_lines:
            raise InvalidRequestError("the file has no lines", field="file")

    def pieces(self) -> Iterator[bytes]:
        """Give the pieces."""
        self._beside.seek(0)
        for size in self._sizes:
            yield self._beside.read(size)
