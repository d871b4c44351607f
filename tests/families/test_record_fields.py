"""Fields are read whatever stands in them: each type by its own rules, and nothing raises."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.example import Input
from app.families.catalogue import family_named
from app.families.fields.contract import Presence
from app.families.fields.iso8601 import moment_of
from app.families.model_config import resolve
from app.families.record import RecordFeatures
from app.families.record_fields import FieldType, RecordFields
from app.text.analyzer import TextConfig

EVERY_TYPE = {f"a_{field_type}": field_type for field_type in FieldType} | {"later": FieldType.DATETIME}
# 10:30:15 in UTC on a Thursday
NOON = 1_709_202_615.0
DAY = 1_709_164_800.0


def fields() -> RecordFields:
    return RecordFields(EVERY_TYPE, TextConfig())


def features() -> RecordFeatures:
    family = family_named("record")
    config = resolve(family.config, {"fields": {name: str(kind) for name, kind in EVERY_TYPE.items()}}, "test")
    records: list[Input] = [
        {"a_text": "I sort old maps", "a_url": "https://maps.example/a", "a_number": 3, "a_datetime": "2024-02-29"},
        {"a_text": "cheap flooring", "a_email": "x9@sink.example", "a_category": "AT", "later": "2024-03-01T10:00Z"},
    ]
    learned = family.features.learn(config, records)
    assert isinstance(learned, RecordFeatures)
    return learned


FEATURES = features()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
# what looks right at first
NEARLY = st.from_regex(r"(https?://)?[\w.@:\[\]/?#-]{1,30}") | st.from_regex(r"\d{4}-?[W\d]{0,5}(T\d{0,8}[Z+.-]?)?")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2024-02-29T10:30:15Z", NOON),
        ("2024-02-29T10:30:15", NOON),
        ("2024-02-29 10:30:15", NOON),
        ("2024-02-29t10:30:15z", NOON),
        ("20240229T103015Z", NOON),
        ("2024-02-29T10:30:15.000", NOON),
        ("2024-02-29T10:30:15.250", NOON + 0.25),
        ("2024-02-29T10:30:15,25", NOON + 0.25),
        ("2024-02-29T10:30:15.250000000Z", NOON + 0.25),
        ("2024-02-29T12:30:15+02:00", NOON),
        ("2024-02-29T12:30:15+0200", NOON),
        ("2024-02-29T12:30:15+02", NOON),
        ("2024-02-29T05:00:15-05:30", NOON),
        ("2024-02-29T05:00:15\u221205:30", NOON),
        ("2024-W09-4T10:30:15Z", NOON),
        ("2024W094T103015Z", NOON),
        ("2024-060T10:30:15Z", NOON),
        ("2024060T103015Z", NOON),
        ("2024-02-29T10:30", NOON - 15),
        ("2024-02-29T10:30.25", NOON),
        ("2024-02-29T10", NOON - 30 * 60 - 15),
        ("2024-02-29T10.5", NOON - 15),
        ("2024-02-28T24:00", DAY),
        ("2024-02-29", DAY),
        ("20240229", DAY),
        ("2024-02", DAY - 28 * 86_400),
        ("2024-W09", DAY - 3 * 86_400),
        ("2024", DAY - 59 * 86_400),
        ("2016-12-31T23:59:60Z", 1_483_228_800.0),
    ],
)
def test_moments_are_read_in_every_form_of_iso_8601(written, seconds):
    moment = moment_of(written)

    assert moment is not None
    assert moment.seconds == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "written",
    [
        "", "yesterday", "29.02.2024", "2023-02-29", "2024-13-01", "2024-00-01", "2024-02-30", "2023-366", "2024-000",
        "2024-W54", "2024-W00-1", "2024-W01-8", "0000-01-01", "202402", "2024-02-29T", "2024-02-29T25:00",
        "2024-02-29T24:01", "2024-02-29T10:60", "2024-02-29T10:30:61", "2024-02-29T10:30:60", "2024-02-29T10:30+24:00",
        "2024-02-29X10:30", "2024-02-29T10:30:15 UTC", "1709202615", "٢٠٢٤-02-29", "2024-02-29T10:30Zz",
        pytest.param("2" * 10_000, id="endless"),
    ],
)  # fmt: skip
def test_what_is_no_moment_is_none(written):
    assert moment_of(written) is None


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        ("number", "twelve"), ("number", math.nan), ("number", math.inf), ("number", "1e999"),
        pytest.param("number", 10**400, id="large"),
        ("number", "1_000"), ("email", "nobody"), ("email", "@example"), ("email", "a@"), ("email", "a@b"),
        ("email", "a b@c.example"), ("email", "a@-c.example"),
        pytest.param("email", "x" * 65 + "@c.example", id="long"), ("url", "http://"),
        ("url", "http://[1"), ("url", "javascript://a.example"), ("url", "a b.example"), ("url", "localhost"),
        ("url", "https://a.example:99999999/"), ("datetime", "soon"), ("datetime", 1709202615), ("datetime", True),
        ("text", ["a"]), ("category", {"a": 1}), pytest.param("email", 10**5_000, id="endless"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_type_is_malformed_and_said_to_be(field_type, value):
    name = f"a_{field_type}"

    reading = fields().read({name: value}).of_fields[name]
    [remark] = fields().remarks({name: value})

    assert reading.presence is Presence.MALFORMED
    assert remark.field == name
    assert remark.message == reading.problem


@pytest.mark.parametrize("value", [None, "", "   ", "\n\t"])
def test_what_is_missing_is_no_fault(value):
    record = dict.fromkeys(EVERY_TYPE, value)

    assert fields().remarks(record) == fields().remarks({}) == ()
    assert {one.presence for one in fields().read(record).of_fields.values()} == {Presence.MISSING}


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        ("number", "-1.5e3"), ("number", 0), ("number", True), ("email", "A.B+tag@Mail.Example"), ("category", 7),
        ("email", "jörg@müll.example"), ("url", "a.example"), ("url", "https://[::1]:80/x"), ("url", "//a.example"),
        ("url", "https://www.a.example/b/c?d=e"), ("text", 12), ("text", "今日は"), ("datetime", " 2024-02-29 "),
    ],
)  # fmt: skip
def test_what_is_of_its_type_is_read(field_type, value):
    assert fields().read({f"a_{field_type}": value}).of_fields[f"a_{field_type}"].presence is Presence.HELD


def test_a_field_that_the_model_has_not_is_ignored_and_told():
    known = {"a_text": "I sort old maps"}

    [remark] = FEATURES.remarks({**known, "privs": 3})
    with_more, alone = FEATURES.encode({**known, "privs": 3}), FEATURES.encode(known)

    assert remark == ("privs", "not a field of this model; it is ignored")
    assert with_more is not None
    assert alone is not None
    assert all((with_more[name] == array).all() for name, array in alone.items())


def test_a_record_is_the_same_as_its_json():
    record, text = {"a_category": "AT", "later": "2024"}, '{"later": "2024", "a_category": "AT"}'

    as_record, as_text = FEATURES.encode(record), FEATURES.encode(text)

    assert as_record is not None
    assert as_text is not None
    assert all((as_text[name] == array).all() for name, array in as_record.items())
    assert FEATURES.encode("no record") is None


@pytest.mark.parametrize("faulty", ["?", None, ["x"], "2024-02-29"])
def test_a_fault_of_one_field_leaves_what_others_say_as_it_was(faulty):
    reading = fields().read({"a_url": faulty, "a_number": 5})

    assert reading.of_fields["a_number"] == fields().read({"a_number": 5}).of_fields["a_number"]


def test_a_website_is_read_by_its_host_and_an_address_by_its_own():
    read = RecordFields({"website": FieldType.URL, "email": FieldType.EMAIL}, TextConfig()).read
    of_fields = read({"website": "https://maps.example/a", "email": "x@sink.example"}).of_fields
    website, email = ({term for terms in of_fields[name].terms for term in terms} for name in ("website", "email"))

    assert (website & {"h maps.example", "h sink.example"}) == {"h maps.example"}
    assert (email & {"d maps.example", "d sink.example"}) == {"d sink.example"}
    other = read({"website": "https://spam.example/a", "email": "x@sink.example"}).of_fields  # of the same letters
    assert (other["email"], other["website"] != of_fields["website"]) == (of_fields["email"], True)


def test_moments_lie_as_far_apart_as_they_do_in_whatever_form_they_come():
    one = fields().read({"a_datetime": "2024-02-29T10:30:15Z", "later": "2024-03-01"}).numbers[-1]
    other = fields().read({"a_datetime": "20240229T123015+0200", "later": "2024-W09-5T00:00Z"}).numbers[-1]

    assert one == other == pytest.approx(math.log1p((13 * 3_600 + 29 * 60 + 45) / 60))


@settings(max_examples=150, deadline=None, database=None)
@given(st.dictionaries(st.sampled_from([*EVERY_TYPE, "other"]), ANYTHING | NEARLY))
def test_whatever_stands_in_a_record_it_is_encoded_in_finite_numbers_or_not_known(record):
    encoding = FEATURES.encode(record)

    assert all(isinstance(remark.message, str) for remark in FEATURES.remarks(record))
    if encoding is not None:
        assert len(encoding["numbers"]) == FEATURES.n_numbers
        assert all(math.isfinite(array.sum()) for array in encoding.values())
        assert 0 <= encoding["numbers"].min() <= encoding["numbers"].max() <= 1


def test_what_is_added_is_known_afterwards_and_all_else_is_encoded_as_before():
    known = [{"a_text": "I sort old maps"}, {"a_category": "AT"}]
    added = [{"a_category": "FI", "a_text": "zorblax"}]

    extension = FEATURES.extended([*known, *added], added)

    origins = extension.origins["terms"]
    for record in known:
        was, now = FEATURES.encode(record), extension.features.encode(record)
        assert was is not None
        assert now is not None
        assert (origins[now["ids"]] == was["ids"]).all()
        assert (now["numbers"] == was["numbers"]).all()
    of_added = extension.features.encode(added[0])
    assert of_added is not None
    assert (origins[of_added["ids"]] == -1).any()
