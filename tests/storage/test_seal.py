"""What is sealed means nothing without the key, opens only as what it is about, and not where a bit was changed."""

import pytest

from app.domain.queue_errors import DamagedPredictionError, SealedElsewhereError
from app.storage.seal import Seal

KEY = b"k" * 32
CONTENT = b'{"text": "MARKED"}'
ABOUT = b"question of 7"
REGIONS = {"nonce": (8, 20), "content": (20, 20 + len(CONTENT)), "tag": (20 + len(CONTENT), 36 + len(CONTENT))}


@pytest.fixture
def seal() -> Seal:
    return Seal(KEY)


@pytest.mark.parametrize("content", [b"", CONTENT, b"\0" * 100_000], ids=["nothing", "a text", "much"])
def test_another_process_with_the_same_key_opens_it(seal: Seal, content: bytes) -> None:
    assert Seal(KEY).open(seal.seal(content, ABOUT), ABOUT) == content


def test_nothing_of_the_content_or_the_key_is_seen_and_the_same_content_never_looks_the_same(seal: Seal) -> None:
    sealed = {seal.seal(CONTENT, ABOUT) for _ in range(100)}

    assert len({one[8:] for one in sealed}) == 100
    assert not any(b"MARKED" in one or KEY[:8] in one for one in sealed)


@pytest.mark.parametrize("about", [b"result of 7", b"question of 8", b""])
def test_it_opens_as_nothing_else(seal: Seal, about: bytes) -> None:
    with pytest.raises(DamagedPredictionError):
        seal.open(seal.seal(CONTENT, ABOUT), about)


@pytest.mark.parametrize("region", REGIONS)
def test_where_a_bit_was_changed_it_does_not_open(seal: Seal, region: str) -> None:
    sealed = seal.seal(CONTENT, ABOUT)

    for at in range(*REGIONS[region]):
        with pytest.raises(DamagedPredictionError):
            seal.open(_changed(sealed, at), ABOUT)


def test_what_does_not_name_the_key_is_of_another(seal: Seal) -> None:
    sealed = seal.seal(CONTENT, ABOUT)

    for at in range(8):
        with pytest.raises(SealedElsewhereError):
            seal.open(_changed(sealed, at), ABOUT)
    with pytest.raises(SealedElsewhereError):
        Seal(b"another key, of at least 32 bytes").open(sealed, ABOUT)


@pytest.mark.parametrize("length", [0, 1, 8, 20, 35])
def test_what_is_too_short_was_never_sealed(seal: Seal, length: int) -> None:
    with pytest.raises(DamagedPredictionError):
        seal.open(seal.seal(b"", ABOUT)[:length], ABOUT)


def test_a_short_key_seals_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(b"k" * 31)


def _changed(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
