"""
Lines in, lines out: each line of a file is answered by one version of a model, or has its error, in its place.

    {"line": 1, "id": 7, "text": "hello", "intent": "greeting", "confidence": 0.98, "fallback": null, "ranking": […]}
    {"line": 2, "error": {"code": "invalid_line", "message": "not JSON: …"}}

What stands beside `line` and `id` is what `POST /predict` answers in a batch.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Raw

from ..data.asked_lines import AskedLine
from ..domain.batch_errors import InvalidLineError, UnansweredLineError
from ..domain.error_code import code_of
from ..domain.errors import InvalidRequestError, WrongInputKindError
from ..domain.example import InputKind, text_of
from .model_state import LoadedModel
from .predict import Question, answer_of, answers_to_records, named_in, response_to, too_long

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 256

_Answer: TypeAlias = dict[str, Any] | InvalidRequestError


class AnsweredLines(NamedTuple):
    """Some lines that follow each other, as JSON lines."""

    content: bytes
    n_answered: int
    n_failed: int
    """Those with an error."""


def answer_lines(
    lines: Iterable[AskedLine], model: LoadedModel, *, top_k: int, max_text_chars: int
) -> Iterator[AnsweredLines]:
    """
    Answer lines in their order, some at a time.

    Args:
        lines: of a file.
        model: answers all of them.
        top_k: places of each ranking, at the most.
        max_text_chars: longer texts, or records whose JSON is longer, are not answered.
    """
    judged = (_judged(line, model, max_text_chars) for line in lines)
    while some := list(islice(judged, _AT_ONCE)):
        yield _answered(model, some, top_k)


def _judged(line: AskedLine, model: LoadedModel, max_text_chars: int) -> AskedLine:
    """Find out whether the model may be asked; what may not is let go at once."""
    if isinstance(line.asked, InvalidRequestError):
        return line
    sent = InputKind.TEXT if isinstance(line.asked, str) else InputKind.RECORD
    wanted = model.pipeline.features.input_kind
    if sent is not wanted:
        return line._replace(asked=WrongInputKindError(model.name, sent, wanted))
    try:
        return line._replace(asked=too_long(text_of(line.asked), max_text_chars, sent) or line.asked)
    except RecursionError:  # it could just be read, and cannot be written
        return line._replace(asked=InvalidLineError("nested too deeply"))


def _answered(model: LoadedModel, some: Sequence[AskedLine], top_k: int) -> AnsweredLines:
    inputs = [one.asked for one in some if not isinstance(one.asked, InvalidRequestError)]
    answers = iter(_answers(model, inputs, Question(top_k=top_k)))
    written, n_failed = bytearray(), 0
    for one in some:
        answer = one.asked if isinstance(one.asked, InvalidRequestError) else next(answers)
        if isinstance(answer, InvalidRequestError):
            n_failed += 1
            answer = {"error": {"code": code_of(type(answer)), "message": str(answer)}}
        told = {"line": one.number} | ({"id": one.id} if isinstance(one.id, Raw) else {}) | answer
        written += msgspec.json.encode(told) + b"\n"
    return AnsweredLines(bytes(written), len(some) - n_failed, n_failed)


def _answers(model: LoadedModel, inputs: Sequence[Any], question: Question) -> list[_Answer]:
    """Answer inputs together, or each by itself where one of them cannot be answered."""
    answer = _to_records if model.pipeline.features.input_kind is InputKind.RECORD else _to_texts
    try:
        return answer(model, inputs, question)
    except Exception as error:  # noqa: BLE001 - whatever it is, the lines beside it are answered
        if len(inputs) == 1:
            _log.error("%s@%d did not answer a line: %s", model.name, model.version, type(error).__name__)
            return [UnansweredLineError()]
        return [found for one in inputs for found in _answers(model, [one], question)]


def _to_texts(model: LoadedModel, texts: Sequence[str], question: Question) -> list[_Answer]:
    predictions, now = model.pipeline.predict(texts, top_k=question.top_k), datetime.now()  # noqa: DTZ005 - as replies
    return [
        {"text": text, **answer_of(one), **named_in(model, text, now), **_reply(response_to(model, one))}
        for text, one in zip(texts, predictions, strict=True)
    ]


def _to_records(model: LoadedModel, records: Sequence[Any], question: Question) -> list[_Answer]:
    return [
        {
            **answer_of(one.prediction),
            "warnings": [remark._asdict() for remark in one.remarks],
            **_reply(response_to(model, one.prediction)),
        }
        for one in answers_to_records(model, records, question)
    ]


def _reply(response: str | None) -> dict[str, str]:
    return {"response": response} if response else {}
