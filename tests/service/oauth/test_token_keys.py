"""Signed tokens are checked by the keys of this server, as these say; nothing that a token says changes that (S27)."""

import base64
import hmac
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.domain.errors import AuthenticationError
from app.domain.oauth_errors import UnusableTokenKeyError
from app.service.oauth.signed_tokens import said_key
from app.service.oauth.token_keys import TokenKeys
from app.storage.token_key_files import TokenKeyFiles

HERE = "https://parley.example"
LIFE_S = 3600


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_keys(tmp_path: Path, clock: Clock) -> Callable[..., TokenKeys]:
    def open_them(algorithm: str = "ES256", issuer: str = HERE) -> TokenKeys:
        files = TokenKeyFiles(tmp_path / "keys")
        return TokenKeys(files, issuer=issuer, algorithm=algorithm, life_s=LIFE_S, clock=clock)

    return open_them


def _sign(keys: TokenKeys) -> str:
    return keys.sign("ada", "client", "predict", LIFE_S)


def _part(content: object) -> str:
    written = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def _read(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "Ed25519"])
def test_a_token_of_this_server_is_accepted_and_others_can_verify_it(
    open_keys: Callable[..., TokenKeys], algorithm: str
) -> None:
    keys = open_keys(algorithm)
    token = _sign(keys)

    keys.check(token)
    open_keys(algorithm).check(token)  # another process

    header, claims, _ = token.split(".")
    [public] = keys.public()
    assert _read(header) == {"alg": algorithm, "kid": public["kid"], "typ": "at+jwt"}
    assert {"iss": HERE, "aud": HERE, "sub": "ada", "client_id": "client", "scope": "predict"}.items() <= _read(
        claims
    ).items()
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & public.keys()


def test_no_two_tokens_are_alike(open_keys: Callable[..., TokenKeys]) -> None:
    keys = open_keys()

    assert len({_sign(keys) for _ in range(5)}) == 5


def test_keys_lie_in_files_that_only_their_owner_reads(open_keys: Callable[..., TokenKeys], tmp_path: Path) -> None:
    _sign(open_keys())

    [file] = (tmp_path / "keys").glob("*.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_key_that_everybody_may_read_is_refused(open_keys: Callable[..., TokenKeys], tmp_path: Path) -> None:
    _sign(open_keys())
    [file] = (tmp_path / "keys").glob("*.pem")
    file.chmod(0o644)

    with pytest.raises(UnusableTokenKeyError, match="chmod 600"):
        _sign(open_keys())


def test_a_key_that_was_followed_by_another_is_accepted_until_its_last_token_has_expired(
    open_keys: Callable[..., TokenKeys], clock: Clock
) -> None:
    keys = open_keys()
    old = _sign(keys)
    clock.now += timedelta(seconds=5)
    keys.rotate()
    new = _sign(keys)

    for token in (old, new):
        open_keys().check(token)
    first, second = (_read(token.split(".")[0])["kid"] for token in (old, new))
    assert [key["kid"] for key in keys.public()] == [second, first]

    clock.now += timedelta(seconds=LIFE_S + 1)
    assert [key["kid"] for key in keys.public()] == [second]
    with pytest.raises(AuthenticationError):
        keys.check(old)
    keys.rotate()
    assert first not in TokenKeyFiles(keys._files._folder).names()  # type: ignore[attr-defined]


def test_another_algorithm_gets_a_key_of_its_own(open_keys: Callable[..., TokenKeys], clock: Clock) -> None:
    old = _sign(open_keys("ES256"))
    clock.now += timedelta(seconds=5)

    new = _sign(open_keys("Ed25519"))

    open_keys("Ed25519").check(old)
    open_keys("Ed25519").check(new)
    assert _read(new.split(".")[0])["alg"] == "Ed25519"


@pytest.fixture(params=["RS256", "ES256"])
def signed(request: pytest.FixtureRequest, open_keys: Callable[..., TokenKeys]) -> tuple[TokenKeys, str]:
    keys = open_keys(request.param)
    return keys, _sign(keys)


def _hmac_with(secret: bytes, header: dict[str, Any], claims: str) -> str:
    written = f"{_part({**header, 'alg': 'HS256'})}.{claims}"
    return f"{written}.{_part(hmac.new(secret, written.encode(), sha256).digest())}"


def _forgeries(keys: TokenKeys, token: str) -> dict[str, str]:
    """Give tokens that somebody has made who knows the public keys and a good token."""
    head, claims, signature = token.split(".")
    header = _read(head)
    [kept] = keys._good()
    public = kept.key.as_pem(private=False)
    own = RSAKey.generate_key(2048, private=True)
    own_key = {**own.as_dict(private=False), "kid": header["kid"]}

    def headed(**changes: Any) -> str:
        return f"{_part({**header, **changes})}.{claims}.{signature}"

    def signed_anew(key: Any, algorithm: str, **changes: Any) -> str:
        return jwt.encode({**header, "alg": algorithm, **changes}, _read(claims), key, algorithms=[algorithm])

    return {
        "no algorithm": f"{_part({**header, 'alg': 'none'})}.{claims}.",
        "no algorithm, in capitals": f"{_part({**header, 'alg': 'NONE'})}.{claims}.",
        "no signature": f"{head}.{claims}.",
        "our public key as a secret": _hmac_with(public, header, claims),
        "our public key as a secret, without its last line end": _hmac_with(public.strip(), header, claims),
        "our public key as JSON as a secret": _hmac_with(
            json.dumps(kept.key.as_dict(private=False)).encode(), header, claims
        ),
        "an empty secret": _hmac_with(b"", header, claims),
        "a key of its own": signed_anew(own, "RS256"),
        "a key of its own in the header": signed_anew(own, "RS256", jwk=own_key),
        "a key that is a path": headed(kid="../../dev/null"),
        "an empty secret for a key that is a path": _hmac_with(b"", {**header, "kid": "../../dev/null"}, claims),
        "no key": headed(kid=""),
        "a key that is no text": headed(kid=["a"]),
        "a demand that nobody understands": headed(crit=["bork"]),
        "such a demand, with what it demands": headed(crit=["bork"], bork=True),
        "a demand for nothing": headed(crit=[]),
        "another claim": f"{head}.{_part({**_read(claims), 'sub': 'admin'})}.{signature}",
        "nothing": "..",
        "a header of brackets": f"{_part(b'[' * 1500)}.{claims}.{signature}",
        "claims of brackets": f"{head}.{_part(b'[' * 4000)}.{signature}",
        "a megabyte": f"{head}.{'A' * 1_000_000}.{signature}",
    }


NAMES = [
    "no algorithm", "no algorithm, in capitals", "no signature", "our public key as a secret",
    "our public key as a secret, without its last line end", "our public key as JSON as a secret", "an empty secret",
    "a key of its own", "a key of its own in the header", "a key that is a path",
    "an empty secret for a key that is a path", "no key", "a key that is no text", "a demand that nobody understands",
    "such a demand, with what it demands", "a demand for nothing", "another claim", "nothing", "a header of brackets",
    "claims of brackets", "a megabyte",
]  # fmt: skip


_WITHOUT_ALGORITHMS = pytest.mark.controls("pinned-algorithms")
_WITHOUT_SIGNATURES = pytest.mark.controls("signed-tokens")
MARKS = {
    "no algorithm": [_WITHOUT_ALGORITHMS, _WITHOUT_SIGNATURES],
    "our public key as a secret": [_WITHOUT_ALGORITHMS, _WITHOUT_SIGNATURES],
    "no signature": [_WITHOUT_SIGNATURES],
    "a key of its own": [_WITHOUT_SIGNATURES],
    "a key of its own in the header": [_WITHOUT_SIGNATURES],
    "another claim": [_WITHOUT_SIGNATURES],
    "an empty secret for a key that is a path": [pytest.mark.controls("known-keys")],
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in NAMES])
def test_a_forged_token_is_refused(signed: tuple[TokenKeys, str], name: str) -> None:
    keys, token = signed
    keys.check(token)

    with pytest.raises(AuthenticationError):
        keys.check(_forgeries(keys, token)[name])


def test_every_forgery_is_tried(signed: tuple[TokenKeys, str]) -> None:
    assert list(_forgeries(*signed)) == NAMES


@pytest.mark.controls("token-claims")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"}, {"aud": "https://elsewhere.example"}, {"aud": []}, {"exp": 1},
        {"exp": None},
        {"exp": "never"}, {"iss": None}, {"aud": None}, {"sub": None}, {"nbf": 9_999_999_999},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_of_ours_for_or_from_elsewhere_or_expired_is_refused(
    open_keys: Callable[..., TokenKeys], changes: dict[str, Any]
) -> None:
    keys = open_keys()
    header, claims, _ = _sign(keys).split(".")
    [kept] = keys._good()
    changed = {name: value for name, value in {**_read(claims), **changes}.items() if value is not None}

    with pytest.raises(AuthenticationError):
        keys.check(jwt.encode(_read(header), changed, kept.key, algorithms=["ES256"]))


@pytest.mark.controls("token-types")
def test_something_else_that_the_same_key_signed_is_no_access_token(open_keys: Callable[..., TokenKeys]) -> None:
    keys = open_keys()
    header, claims, _ = _sign(keys).split(".")
    [kept] = keys._good()

    with pytest.raises(AuthenticationError):
        keys.check(jwt.encode({**_read(header), "typ": "JWT"}, _read(claims), kept.key, algorithms=["ES256"]))


@pytest.mark.controls("token-demands")
@pytest.mark.parametrize("crit", [["bork"], [], "bork", ["exp"]], ids=str)
def test_a_demand_is_refused_before_anything_is_verified(crit: object) -> None:
    header = _part({"alg": "ES256", "kid": "a", "crit": crit, "bork": 1})

    assert said_key(f"{_part({'alg': 'ES256', 'kid': 'a'})}.e30.x") == "a"
    with pytest.raises(AuthenticationError):
        said_key(f"{header}.e30.x")
