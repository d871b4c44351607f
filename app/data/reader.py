"""Read a data file of any known format; which one is told by its content, not by its name."""

import re
from enum import StrEnum
from pathlib import Path

from ..domain.example import Dataset
from .bounds import check_json, check_rows
from .formats import csv_rows, intents_json, jsonl_records, jsonl_rows, rasa_json, tsv_rows
from .text_file import read_text

# `[` alone may begin a text of a CSV file, `[{` may not
_JSON = re.compile(r"\s*(?:{|\[\s*[\[{\]])")
# what some write before it is plain values
_RASA = re.compile(r'\s*{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,)*\s*"rasa_nlu_data"\s*:')


class DataFormat(StrEnum):
    """The formats by the names that commands and configurations use."""

    AUTO = "auto"
    INTENTS_JSON = "intents-json"
    RASA_JSON = "rasa-json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"


def read_dataset(path: Path, data_format: DataFormat = DataFormat.AUTO, *, header: bool | None = None) -> Dataset:
    """
    Read examples, and replies where the format has them.

    Args:
        path: the file; its name stands in errors as given.
        data_format: its format; `auto` looks at the content.
        header: whether rows begin with a heading; None looks at the first row.

    Raises:
        UnreadableDataError: the file cannot be read, or places in it are wrong (each with its line).
    """
    return read_dataset_text(read_text(path), str(path), data_format, header=header)


def read_dataset_text(
    text: str, source: str, data_format: DataFormat = DataFormat.AUTO, *, header: bool | None = None
) -> Dataset:
    """
    Read examples from the text of a file; `source` names it in errors.

    Raises:
        UnreadableDataError: places in it are wrong (each with its line).
    """
    if data_format is DataFormat.AUTO:
        data_format = recognised(text)
    if data_format is DataFormat.INTENTS_JSON:
        check_json(text, source)
        return intents_json.read(text, source)
    if data_format is DataFormat.RASA_JSON:
        check_json(text, source)
        return rasa_json.read(text, source)
    check_rows(text, source)
    if data_format is DataFormat.JSONL:
        read = jsonl_records.read if jsonl_records.begins(text) else jsonl_rows.read
        return read(text, source)
    read_rows = tsv_rows.read if data_format is DataFormat.TSV else csv_rows.read
    return read_rows(text, source, header=header)


def recognised(text: str) -> DataFormat:
    """Say which format a text is in: JSON begins with a bracket, TSV has a tab in its first line."""
    if _RASA.match(text):
        return DataFormat.RASA_JSON
    if _JSON.match(text):
        is_jsonl = jsonl_records.begins(text) or jsonl_rows.begins(text)
        return DataFormat.JSONL if is_jsonl else DataFormat.INTENTS_JSON
    first_line = text.lstrip("\r\n").split("\n", maxsplit=1)[0]
    return DataFormat.TSV if tsv_rows.begins(first_line) else DataFormat.CSV
