"""Stemmers are chosen by configuration; NLTK is imported by the models that stem, and by no other."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import InvalidValueError
from app.families.bow import BowConfig
from app.families.model_config import resolve
from app.text.analyzer import TextAnalyzer, TextConfig
from app.text.stemmer import build_stemmer, check_stemmer

LANGUAGES = (
    *("arabic", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian"),
    *("porter", "portuguese", "romanian", "russian", "spanish", "swedish"),
)
STEMMERS = ("lancaster", *(f"snowball:{language}" for language in LANGUAGES))


@pytest.fixture
def threads_take_turns():
    """Let threads change places as often as they can, so that what they share shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def words_stemmed_by(name: str, text: str) -> list[str]:
    return TextAnalyzer(TextConfig(stemmer=name)).words(text)


@pytest.mark.parametrize("name", ["none", *STEMMERS])
def test_a_known_stemmer_is_accepted(name):
    assert check_stemmer(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "None", "Lancaster", "porter", "english", " none", "none:english", "lancaster:english"),
        *("snowball", "snowball:", "snowball:klingon", "snowball:English", "snowball:english:"),
    ],
)
def test_an_unknown_stemmer_is_refused(name):
    with pytest.raises(InvalidValueError, match=r"text\.stemmer: .* is not one of none, lancaster, snowball:arabic"):
        check_stemmer(name)


def test_an_unknown_stemmer_is_refused_when_it_is_built():
    with pytest.raises(InvalidValueError):
        build_stemmer("snowball:klingon")


def test_a_configuration_with_an_unknown_stemmer_is_refused_with_the_name_of_its_file():
    with pytest.raises(InvalidValueError, match=r"config/models/desk\.yaml.*'klingon' is not one of"):
        resolve(BowConfig, {"text": {"stemmer": "klingon"}}, "config/models/desk.yaml")


def test_no_stemmer_leaves_words_as_they_are():
    assert build_stemmer("none") is None
    assert words_stemmed_by("none", "Booking tables") == ["booking", "tables"]


@pytest.mark.parametrize(
    ("name", "text", "stems"),
    [
        ("lancaster", "booking tables maximum", "book tabl maxim"),
        ("snowball:english", "booking tables happily", "book tabl happili"),
        ("snowball:porter", "booking tables happily", "book tabl happili"),
        ("snowball:german", "buchungen tische", "buchung tisch"),
        ("snowball:russian", "карты карта картой", "карт карт карт"),
        ("snowball:spanish", "mesas reservada", "mes reserv"),
    ],
)
def test_each_stemmer_reduces_words_of_its_language(name, text, stems):
    assert words_stemmed_by(name, text) == stems.split()


@pytest.mark.parametrize("name", STEMMERS)
def test_a_stemmer_lets_words_of_other_scripts_and_emoji_through(name):
    assert words_stemmed_by(name, "我的 👍🏽 мир 42") == ["我", "的", "👍🏽", *words_stemmed_by(name, "мир"), "42"]


@pytest.mark.parametrize("name", STEMMERS)
def test_no_stem_is_empty(name):
    # a line that stretches Arabic letters, alone; a vowel mark without a letter; a possessive without an owner
    assert "" not in words_stemmed_by(name, "a ـ b \u064e c 's d")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lancaster", "booking tables running maximum presumably happily evening weather generously zones"),
        ("snowball:arabic", "شكرا يكتبون سيكتبون المدرسة المدارس كتبتموها يستخدمونها والمعلمون بالكتاب للطلاب"),
        ("snowball:english", "booking tables running maximum presumably happily evening weather generously zones"),
    ],
    ids=["lancaster", "arabic", "english"],
)
@pytest.mark.usefixtures("threads_take_turns")
def test_threads_that_share_an_analyzer_get_the_stems_that_one_thread_gets(name, text):
    alone = words_stemmed_by(name, text)
    together = threading.Barrier(4)

    def stem_at_once(analyzer: TextAnalyzer) -> list[str]:
        together.wait()
        return analyzer.words(text)

    with ThreadPoolExecutor(4) as threads:
        # a new analyzer each time: its first words are where threads meet
        shared = [analyzer for _ in range(40) for analyzer in [TextAnalyzer(TextConfig(stemmer=name))] * 4]
        stems = list(threads.map(stem_at_once, shared))

    assert [wrong for wrong in stems if wrong != alone] == []


@pytest.mark.parametrize(("name", "imported"), [("none", False), ("lancaster", True), ("snowball:english", True)])
def test_only_a_model_that_stems_imports_nltk(python, name, imported):
    done = python(
        "-c",
        "import sys\n"
        "from app.text.analyzer import TextAnalyzer, TextConfig\n"
        "before = 'nltk' in sys.modules\n"
        f"TextAnalyzer(TextConfig(stemmer={name!r})).words('Booking two tables')\n"
        "print(before, 'nltk' in sys.modules)",
    )

    assert done.stdout == f"False {imported}\n"
