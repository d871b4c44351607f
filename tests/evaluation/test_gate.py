"""The gate names what is worse than allowed, and nothing that is not."""

from collections.abc import Sequence

import pytest

from app.domain.example import Example
from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.domain.version_errors import InvalidChecksError
from app.evaluation.checks import Allowance, Checks, FrozenText, MustCase, from_content, to_content
from app.evaluation.difference import AskedText, differences
from app.evaluation.gate import Answers, Verdict, judge


def answer(intent: str | None) -> Prediction:
    """Make an answer; None is one that ranks `a` first, and is not sure enough to name it."""
    fallback = FallbackReason.LOW_CONFIDENCE if intent is None else None
    return Prediction(intent, 0.2, fallback, (IntentScore(intent or "a", 0.2),))


def checks_of(right: str, *must: MustCase, **allowed: float) -> Checks:
    """Make checks of a test set whose right intents are these letters; its texts are `text 0` and so on."""
    test = [FrozenText(f"text {row}", intent) for row, intent in enumerate(right)]
    return Checks(test=test, must=list(must), allowance=Allowance(**allowed))


def judged(checks: Checks, candidate: str, active: str | None, must: Sequence[str | None] = ()) -> Verdict:
    """Judge answers, a letter each; `-` is none."""

    def answers(letters: str) -> Answers:
        test = [answer(None if letter == "-" else letter) for letter in letters]
        return Answers(test, [answer(intent) for intent in must])

    return judge(checks, answers(candidate), None if active is None else answers(active))


def test_the_same_answers_are_good_enough_and_not_better() -> None:
    verdict = judged(checks_of("aabb"), "aaba", "aaba")

    assert (verdict.regressions, verdict.is_better) == ((), False)
    assert (verdict.accuracy, verdict.accuracy_before) == (0.75, 0.75)


def test_more_right_answers_are_better() -> None:
    assert judged(checks_of("aabb"), "aabb", "aaba").is_better


def test_without_a_test_set_nothing_is_better() -> None:
    assert not judged(checks_of(""), "", "").is_better


def test_where_nothing_is_active_anything_is_better() -> None:
    assert judged(checks_of("aabb"), "abab", None).is_better


def test_an_intent_that_is_lost_is_named_with_its_figures_and_three_texts() -> None:
    verdict = judged(checks_of("aaaaabbbbb", accuracy=1.0), "aaaaaaaa-b", "aaaaabbbbb")

    [regression] = verdict.regressions
    assert regression.intent == "b"
    assert regression.sentence == (
        "intent 'b': 1 of 5 test texts are right, 5 before; "
        "'text 5' is now 'a', 'text 6' is now 'a', 'text 7' is now 'a'"
    )


def test_texts_that_were_wrong_before_are_not_told_as_changed() -> None:
    [regression] = judged(checks_of("bbbb", accuracy=1.0), "aaaa", "abba").regressions

    assert "'text 0'" not in regression.sentence
    assert "'text 1' is now 'a', 'text 2' is now 'a'" in regression.sentence


def test_an_intent_that_is_named_no_more_is_worse_though_it_still_ranks_first() -> None:
    verdict = judged(checks_of("aaaa", accuracy=1.0), "----", "aaaa")

    assert [regression.intent for regression in verdict.regressions] == ["a"]
    assert "is now by no intent" in verdict.sentences[0]


@pytest.mark.parametrize(
    ("right", "candidate", "worse"),
    [
        ("a", "b", []),  # one example is no pattern
        ("aa", "bb", ["a"]),
        ("aaaaaaaaaa", "bbaaaaaaaa", []),  # a fifth is allowed
        ("aaaaaaaaaa", "bbbaaaaaaa", ["a"]),
    ],
)
def test_an_intent_may_lose_a_fifth_and_one_example(right: str, candidate: str, worse: list[str]) -> None:
    verdict = judged(checks_of(right, accuracy=1.0), candidate, right)

    assert [regression.intent for regression in verdict.regressions] == worse


@pytest.mark.parametrize(("lost", "is_worse"), [(1, False), (2, True)])
def test_of_all_texts_one_in_a_hundred_may_be_lost(lost: int, *, is_worse: bool) -> None:
    verdict = judged(checks_of("a" * 100), "b" * lost + "a" * (100 - lost), "a" * 100)

    assert [regression.intent for regression in verdict.regressions] == [None] * is_worse


def test_the_loss_of_all_is_told_with_its_figures() -> None:
    [regression] = judged(checks_of("a" * 100), "bb" + "a" * 98, "a" * 100).regressions

    assert regression.sentence == (
        "98 of 100 test texts are answered rightly (98.0%), 100 by the active version (100.0%); "
        "at most 1.0% less is allowed"
    )


def test_another_allowance_allows_more() -> None:
    assert judged(checks_of("aabb", accuracy=0.5, intent=1.0), "aaaa", "aabb").regressions == ()


def test_a_gain_elsewhere_does_not_make_up_for_an_intent_that_is_lost() -> None:
    verdict = judged(checks_of("aaaabbbb"), "aaaaaaaa", "bbbbbbbb")

    assert [regression.intent for regression in verdict.regressions] == ["b"]
    assert not verdict.is_better


MUST = (MustCase("stop", "a"), MustCase("capital of france", None))


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        (["a", None], ()),
        (["b", None], ("'stop' must be 'a', and is answered 'b'",)),
        ([None, None], ("'stop' must be 'a', and is answered by no intent",)),
        (["a", "b"], ("'capital of france' must not be answered, and is answered 'b'",)),
    ],
)
def test_every_case_holds_or_is_named(answers: list[str | None], sentences: tuple[str, ...]) -> None:
    assert judged(checks_of("", *MUST), "", None, answers).sentences == sentences


def test_a_case_must_hold_though_the_active_version_fails_it_too() -> None:
    assert judged(checks_of("aa", *MUST), "aa", "aa", ["b", None]).regressions


def test_a_new_test_set_leaves_cases_and_allowance_and_knows_no_order() -> None:
    checks = checks_of("ab", *MUST, accuracy=0.5)
    examples = [Example("y", "b"), Example("x", "a"), Example("y", "b")]

    changed = checks.with_test(examples)

    assert changed.test == [FrozenText("x", "a"), FrozenText("y", "b")]
    assert changed == checks.with_test(examples[::-1])
    assert (changed.must, changed.allowance) == (checks.must, checks.allowance)


def test_what_no_file_can_hold_is_left_out_of_a_test_set() -> None:
    examples = [Example("", "a"), Example("\ud83d", "a"), Example("x", "a")]

    assert Checks().with_test(examples).test == [FrozenText("x", "a")]


def test_records_stand_in_a_test_set_as_their_canonical_json() -> None:
    examples = [Example({"to": "you", "subject": "x"}, "a"), Example({"subject": "x", "to": "you"}, "a")]

    assert Checks().with_test(examples).test == [FrozenText('{"subject":"x","to":"you"}', "a")]


def test_checks_come_back_as_they_were_written() -> None:
    checks = checks_of("ab", *MUST, intent=0.4)

    assert from_content(to_content(checks)) == checks


def test_half_of_a_character_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidChecksError) as caught:
        to_content(Checks(must=[MustCase("fine", None), MustCase("\ud83d", None)]))

    assert caught.value.field == "must[1]"
    with pytest.raises(InvalidChecksError, match="cannot be read"):
        from_content({"must": [{"text": "fine", "\ud83d": 1}]})


def test_checks_that_are_too_large_to_be_read_again_are_refused() -> None:
    with pytest.raises(InvalidChecksError, match="over 12,582,912 bytes"):
        to_content(Checks(test=[FrozenText("x" * 10_000, "a")] * 1_300))


def test_only_texts_that_are_answered_by_another_intent_differ() -> None:
    asked = [AskedText("x", "test", "a"), AskedText("y", "live"), AskedText("z", "live")]
    before, after = [answer("a"), answer(None), answer("b")], [answer("a"), answer("b"), answer(None)]

    assert [(one.asked.text, one.before.intent, one.after.intent) for one in differences(asked, before, after)] == [
        ("y", None, "b"),
        ("z", "b", None),
    ]
