"""A form that was uploaded: one file, and short texts beside it."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, BinaryIO, Final, Self, cast

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser, default_stream_factory
from werkzeug.http import parse_options_header

from ..domain.errors import InvalidRequestError
from .operation import Upload
from .query import read_fields

FORM: Final = "multipart/form-data"
FILE: Final = "file"
_TEXTS_AT_MOST: Final = 1 << 18  # bytes, of all fields but the file
_PARTS_AT_MOST: Final = 32
_NAME_AT_MOST: Final = 120


class UploadedForm(AbstractContextManager["UploadedForm"]):
    """What stood in a form, within a block; the file is gone after it."""

    def __init__(self, upload: Upload, known: Iterable[str]) -> None:
        """
        Read a form with a file and some of the known fields.

        Raises:
            InvalidRequestError: it is no such form.
        """
        kind, options = parse_options_header(upload.content_type)
        self._opened: list[IO[bytes]] = []
        parser = FormDataParser(
            self._open, max_form_memory_size=_TEXTS_AT_MOST, max_form_parts=_PARTS_AT_MOST, silent=False
        )
        try:
            _, texts, files = parser.parse(upload.file, kind, upload.n_bytes, options)
        except (ValueError, HTTPException):
            self._close()  # what was read before it went wrong
            raise InvalidRequestError(
                "the form cannot be read: it is cut off, has no boundary, or too many parts"
            ) from None
        self._files = [file for _, named in files.lists() for file in named]
        if [name for name, named in files.lists() for _ in named] != [FILE]:
            self._close()
            raise InvalidRequestError(f"the form needs exactly one file, in the field {FILE!r}", field=FILE)
        if None in texts:  # whatever werkzeug's types say
            self._close()
            raise InvalidRequestError("a part of the form has no name")
        try:
            self.fields = read_fields([(name, text) for name, all_of in texts.lists() for text in all_of], known)
        except InvalidRequestError:
            self._close()
            raise

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the file go."""
        self._close()

    @property
    def file(self) -> BinaryIO:
        """What was uploaded."""
        return cast("BinaryIO", self._files[0].stream)

    @property
    def file_name(self) -> str:
        """What the file was called where it came from, to be shown to people and nothing else."""
        name = "".join(character for character in self._files[0].filename or "" if character.isprintable())
        return name.rpartition("/")[2].rpartition("\\")[2][:_NAME_AT_MOST] or FILE

    def _open(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Open what a file of the form is put into."""
        opened = default_stream_factory(total_content_length, content_type, filename, content_length)
        self._opened.append(opened)
        return opened

    def _close(self) -> None:
        for file in self._opened:
            file.close()
