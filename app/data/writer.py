"""
Write examples in every format that the readers read: what is read back is what was written.

The readers trim texts and intents, so those to be written have to be trimmed. Formats that need it get a heading, so
that no first example is taken for one. Of the formats only JSON Lines can say that a text is out of scope.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ..domain.draft_errors import UnwritableDataError
from ..domain.example import Dataset, Input, record_of, text_of
from .formats.annotations import annotated
from .formats.rows import OUT_OF_SCOPE

_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # also full-width: spreadsheets of East Asia obey those
_SHIELD: Final = "\u00a0"
"""Makes a text of what spreadsheets take for a formula; readers trim it away."""


def written(dataset: Dataset, data_format: str) -> bytes:
    """
    Write a dataset in one of `WRITTEN`; where a format has no records, their JSON stands for them.

    Raises:
        UnwritableDataError: the format cannot hold it, or is none.
    """
    if data_format not in WRITTEN:
        raise UnwritableDataError(data_format, f"known formats are {', '.join(WRITTEN)}")
    for text in (*(text_of(example.input) for example in dataset.examples), *dataset.out_of_scope, *dataset.intents()):
        if not text or text != text.strip():
            raise UnwritableDataError(data_format, "a text or an intent is empty, or begins or ends with blanks")
    return WRITTEN[data_format](dataset).encode()


def _csv(dataset: Dataset) -> str:
    """Write `intent,text`; a cell that spreadsheets would calculate begins with a no-break space."""
    _refuse_out_of_scope(dataset, "csv")
    _refuse_its_name(dataset, "csv")
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(("intent", "text"))
    rows.writerows((_shielded(example.intent), _shielded(text_of(example.input))) for example in dataset.examples)
    return out.getvalue()


def _tsv(dataset: Dataset) -> str:
    """Write `text<TAB>intent`; there is no quoting."""
    _refuse_out_of_scope(dataset, "tsv")
    _refuse_its_name(dataset, "tsv")
    lines = ["text\tintent"]
    for number, example in enumerate(dataset.examples, 1):
        cells = (text_of(example.input), example.intent)
        if any("\t" in cell or "\n" in cell for cell in cells):
            raise UnwritableDataError(
                "tsv", f"example {number} holds a tab or a line break; csv and jsonl can say that"
            )
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def _intents_json(dataset: Dataset) -> str:
    """Write the chatbot tutorials' `intents.json`, with the replies; intents stand in the order of their first text."""
    _refuse_out_of_scope(dataset, "intents-json")
    patterns: dict[str, list[str]] = {}
    for example in dataset.examples:
        patterns.setdefault(example.intent, []).append(text_of(example.input))
    for intent in dataset.replies:
        patterns.setdefault(intent, [])
    return json.dumps({"intents": [*_intents(patterns, dataset)]}, ensure_ascii=False, indent=1) + "\n"


def _intents(patterns: Mapping[str, list[str]], dataset: Dataset) -> Iterable[dict[str, object]]:
    for tag, texts in patterns.items():
        reply = dataset.replies.get(tag)
        said = {"responses": list(reply.texts), "context_set": reply.context_set} if reply else {}
        required = {"context_filter": reply.context_filter} if reply and reply.context_filter else {}
        yield {"tag": tag, "patterns": texts, **said, **required}


def _rasa_json(dataset: Dataset) -> str:
    """Write Rasa NLU's JSON, an example a line."""
    _refuse_out_of_scope(dataset, "rasa-json")
    rows = [
        json.dumps({"text": str(e.input), "intent": e.intent, **annotated(e)}, ensure_ascii=False)
        for e in dataset.examples
    ]
    return '{"rasa_nlu_data": {"common_examples": [\n' + ",\n".join(rows) + "\n]}}\n"


def _jsonl(dataset: Dataset) -> str:
    """
    Write `{"text": …, "intent": …}` a line, or `{"record": …, "intent": …}`; an intent of null is out of scope.

    A dataset of nothing but the JSON of records is one of records: that is how a draft keeps them.
    """
    rows: list[tuple[Input, str | None]] = [(example.input, example.intent) for example in dataset.examples]
    rows += [(text, None) for text in dataset.out_of_scope]
    records = [(record_of(model_input), intent) for model_input, intent in rows]
    are_records = bool(rows) and all(record is not None for record, _ in records)
    marked = [annotated(example) for example in dataset.examples] + [{}] * len(dataset.out_of_scope)
    lines: list[dict[str, object]] = (
        [{"record": record, "intent": intent} for record, intent in records]
        if are_records
        else [
            {"text": text_of(one), "intent": intent, **marks} for (one, intent), marks in zip(rows, marked, strict=True)
        ]
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _shielded(cell: str) -> str:
    return _SHIELD + cell if cell.startswith(_FORMULA) else cell


def _refuse_out_of_scope(dataset: Dataset, data_format: str) -> None:
    if count := len(dataset.out_of_scope):
        problem = f"{count:,} of them are out of scope, which only jsonl can say; leave those out, or take jsonl"
        raise UnwritableDataError(data_format, problem)


def _refuse_its_name(dataset: Dataset, data_format: str) -> None:
    if any(example.intent == OUT_OF_SCOPE for example in dataset.examples):
        problem = f"an intent is named {OUT_OF_SCOPE!r}, which says there that a text is out of scope"
        raise UnwritableDataError(data_format, problem)


WRITTEN: Final[Mapping[str, Callable[[Dataset], str]]] = {
    "csv": _csv,
    "tsv": _tsv,
    "intents-json": _intents_json,
    "rasa-json": _rasa_json,
    "jsonl": _jsonl,
}
"""How each format is written, by its name."""
