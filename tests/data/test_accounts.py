"""The bundled accounts are what their generator makes, and no field of them gives an account away by itself."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from app.data.reader import read_dataset
from app.families.catalogue import family_named
from app.families.model_config import resolve
from app.families.record_fields import FieldType, RecordFields
from app.planning.plan import read_plan_file
from app.text.analyzer import TextConfig
from benchmarks.accounts.__main__ import lines
from benchmarks.accounts.settings import HELD_OUT, TRAINING

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "training_data" / "accounts"
AT_MOST = 0.85
EXAMPLES = read_dataset(FOLDER / "train.jsonl").examples
RECORDS = [dict(example.input) for example in EXAMPLES if not isinstance(example.input, str)]
IS_SPAM = np.array([example.intent == "spam" for example in EXAMPLES])
TYPES = {name: FieldType(kind) for name, kind in read_plan_file(ROOT / "config/models/accounts.yaml")["fields"].items()}


@pytest.mark.parametrize(("name", "settings"), [("train.jsonl", TRAINING), ("test.jsonl", HELD_OUT)])
def test_the_files_are_what_the_generator_writes(name, settings):
    assert (FOLDER / name).read_text(encoding="utf-8") == lines(settings)


def test_the_held_out_accounts_come_from_settings_that_training_never_saw():
    for part in ("seed", "behaviours", "shyness", "noise", "missing", "malformed"):
        assert getattr(TRAINING, part) != getattr(HELD_OUT, part)
    learned = {json.dumps(record, sort_keys=True) for record in RECORDS}
    held_out = [json.dumps(e.input, sort_keys=True) for e in read_dataset(FOLDER / "test.jsonl").examples]
    assert not learned & set(held_out)


def test_both_sides_are_alike_in_number_and_fields_are_missing_and_malformed_on_both():
    fields = RecordFields(TYPES, TextConfig())

    for side in (True, False):
        of_side = [record for record, is_spam in zip(RECORDS, IS_SPAM, strict=True) if is_spam == side]
        missing = Counter(name for record in of_side for name in TYPES if not record.get(name))
        malformed = Counter(remark.field for record in of_side for remark in fields.remarks(record))
        assert len(of_side) == len(RECORDS) / 2
        assert missing.keys() == set(TYPES)
        assert {"email", "joined", "website"} <= malformed.keys()


@pytest.mark.parametrize("field", TYPES)
def test_no_threshold_on_a_field_tells_the_sides_apart(field):
    fields = RecordFields({field: TYPES[field]}, TextConfig())
    rows = [fields.read(record) for record in RECORDS]
    numbers = np.array([[float(row.of_fields[field].presence), *row.numbers] for row in rows])

    for column in numbers.T:
        assert _best_threshold(np.nan_to_num(column, nan=-1e9)) <= AT_MOST


@pytest.mark.parametrize("field", TYPES)
def test_no_value_of_a_field_tells_the_sides_apart(field):
    spam_among: dict[str, list[bool]] = defaultdict(list)
    for record, is_spam in zip(RECORDS, IS_SPAM, strict=True):
        spam_among[str(record.get(field))].append(bool(is_spam))
    often = [found for found in spam_among.values() if len(found) >= 10]  # of rarer ones nothing is to be told

    right = sum(max(sum(found), len(found) - sum(found)) for found in often)
    rest = len(RECORDS) - sum(map(len, often))

    assert (right + rest / 2) / len(RECORDS) <= AT_MOST


@pytest.mark.long
@pytest.mark.parametrize("field", TYPES)
def test_no_field_alone_tells_the_sides_apart_for_a_classifier_of_all_that_is_read_of_it(field):
    from scipy import sparse  # noqa: PLC0415 - heavy, and only here
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    family = family_named("record")
    config = resolve(family.config, {"fields": {field: str(TYPES[field])}}, "test")
    features = family.features.learn(config, RECORDS)
    rows = []
    for record in RECORDS:
        encoding = features.encode(record) or features.probe()
        terms = np.zeros(int(features.probe()["ids"][0]) + 1)
        terms[encoding["ids"]] = encoding["weights"]
        rows.append(sparse.csr_matrix(np.concatenate([terms, encoding["numbers"]])))

    scores = cross_val_score(LogisticRegression(C=3, max_iter=500), sparse.vstack(rows), IS_SPAM, cv=4)

    assert scores.mean() <= AT_MOST


def _best_threshold(column: np.ndarray) -> float:
    """Give the accuracy of the best threshold, in either direction."""
    order = np.argsort(column, kind="stable")
    spam_below = np.concatenate([[0], np.cumsum(IS_SPAM[order])])
    genuine_below = np.concatenate([[0], np.cumsum(~IS_SPAM[order])])
    between = np.concatenate([[True], np.diff(column[order]) > 0, [True]])
    right = (spam_below + (~IS_SPAM).sum() - genuine_below)[between] / len(column)
    return float(max(right.max(), 1 - right.min()))
