"""Tokens of a provider are accepted by its keys, which are fetched from it; one that is away holds nobody up."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from app.domain.caller import Scope
from app.domain.errors import AuthenticationError
from app.outgoing.allow_list import AllowList
from app.outgoing.guarded_client import GuardedClient
from app.service.oauth.outside_issuer import OutsideIssuer, Trust
from tests.outgoing.receivers import Receiver, receiving
from tests.providers import AUDIENCE, Provider


@pytest.fixture
def provider() -> Provider:
    return Provider()


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _outside(provider: Provider, clock: Clock | None = None, claim: str = "scope", **options: Any) -> OutsideIssuer:
    trust = Trust(provider.issuer, AUDIENCE, claim)
    return OutsideIssuer(trust, provider.fetch, clock=clock or Clock(), **options)


def test_a_token_of_the_provider_is_accepted(provider: Provider) -> None:
    outside, token = _outside(provider), provider.sign()

    caller = outside.check(token)

    assert outside.has_made(token)
    assert (caller.name, caller.scopes, caller.user) == ("oidc:somebody", frozenset({Scope.PREDICT}), None)


@pytest.mark.parametrize(
    ("claim", "value", "scopes"),
    [
        ("scope", "openid parley:train predict", {Scope.PREDICT, Scope.TRAIN}),
        ("scp", ["predict"], {Scope.PREDICT}),
        ("roles", ["parley:admin", 7, None], {Scope.ADMIN}),
    ],
)
def test_what_somebody_may_do_stands_where_the_operator_says(
    provider: Provider, claim: str, value: object, scopes: set[Scope]
) -> None:
    caller = _outside(provider, claim=claim).check(provider.sign(**dict[str, Any]({"scope": None, claim: value})))

    assert caller.scopes == scopes


def test_a_name_that_could_be_mistaken_in_a_log_stands_there_as_a_digest(provider: Provider) -> None:
    caller = _outside(provider).check(provider.sign(sub="two\nlines"))

    assert caller.name.startswith("oidc:")
    assert caller.name.isprintable()
    assert "lines" not in caller.name


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody else"}, {"aud": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": 7},
        {"iss": "https://x"},
        {"scope": "openid profile email"}, {"scope": None}, {"scope": {"predict": True}}, {"nbf": 9_999_999_999},
        {"header": {"typ": "logout+jwt"}}, {"header": {"crit": ["bork"], "bork": 1}},
        {"header": {"kid": "../../dev/null"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_for_others_or_expired_or_without_a_scope_of_ours_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    header = {"alg": "ES256", **changes.get("header", {})}
    if "crit" in header:  # joserfc signs nothing like that
        head, claims, signature = provider.sign().split(".")
        token = ".".join([_with_header(head, header), claims, signature])
    else:
        token = provider.sign(**changes)

    with pytest.raises(AuthenticationError):
        _outside(provider).check(token)


def _with_header(head: str, changes: dict[str, Any]) -> str:
    read = json.loads(base64.urlsafe_b64decode(head + "=="))
    return base64.urlsafe_b64encode(json.dumps({**read, **changes}).encode()).rstrip(b"=").decode()


def test_a_shared_secret_among_the_keys_is_never_used(provider: Provider) -> None:
    provider.keys = {"first": OctKey.generate_key(256)}
    token = provider.sign(header={"alg": "HS256"})

    with pytest.raises(AuthenticationError):
        _outside(provider).check(token)


@pytest.mark.parametrize("written", [{"use": "enc"}, {"alg": "RS256"}], ids=str)
def test_a_key_is_used_only_for_what_it_is_for(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, written: dict[str, str]
) -> None:
    [(name, key)] = provider.keys.items()
    key_set = json.dumps({"keys": [{**key.as_dict(private=False), "kid": name, **written}]}).encode()
    monkeypatch.setattr(provider, "key_set", lambda: key_set)

    with pytest.raises(AuthenticationError):
        _outside(provider).check(provider.sign())


def test_keys_are_fetched_once_for_many_tokens(provider: Provider) -> None:
    outside = _outside(provider)

    for _ in range(20):
        outside.check(provider.sign())

    assert provider.asked == 2  # where the keys are, and the keys


def test_a_new_key_of_the_provider_is_fetched_and_the_old_one_forgotten(provider: Provider, clock: Clock) -> None:
    outside, old = _outside(provider, clock), provider.sign()
    outside.check(old)
    provider.rotate("second")
    clock.now += 11

    outside.check(provider.sign())

    with pytest.raises(AuthenticationError):
        outside.check(old)


def test_who_makes_keys_up_does_not_have_the_provider_asked_again_and_again(provider: Provider, clock: Clock) -> None:
    outside = _outside(provider, clock)
    outside.check(provider.sign())

    for number in range(50):
        with pytest.raises(AuthenticationError):
            outside.check(provider.sign(header={"kid": f"made up {number}"}))

    assert provider.asked == 2
    outside.check(provider.sign())


def test_keys_that_are_known_go_on_being_good_while_the_provider_is_away(provider: Provider, clock: Clock) -> None:
    outside = _outside(provider, clock)
    outside.check(provider.sign())
    provider.is_away = True

    clock.now += 3_600
    outside.check(provider.sign())

    clock.now += 86_400
    with pytest.raises(AuthenticationError):
        outside.check(provider.sign())


def test_a_provider_that_hangs_holds_few_requests_up_and_only_for_a_moment(provider: Provider) -> None:
    provider.hangs.clear()
    outside = _outside(provider, waits_s=0.2)

    def refused(_: int) -> bool:
        try:
            outside.check(provider.sign())
        except AuthenticationError:
            return True
        return False

    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(refused, range(40)))
        assert provider.asked == 1
    finally:
        provider.hangs.set()


@pytest.mark.parametrize(
    "reply", [b"", b"{", b"[]", b'{"keys": 7}', b'{"keys": [7, {}, {"kid": "a", "kty": "EC"}]}'], ids=str
)
def test_nonsense_of_a_provider_is_no_key(provider: Provider, monkeypatch: pytest.MonkeyPatch, reply: bytes) -> None:
    monkeypatch.setattr(provider, "key_set", lambda: reply)

    with pytest.raises(AuthenticationError):
        _outside(provider).check(provider.sign())


def test_a_document_that_names_another_issuer_is_not_believed(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = provider.fetch
    monkeypatch.setattr(
        provider, "fetch", lambda url: real(url).replace(b'"issuer": "https://id', b'"issuer": "https://ev')
    )

    with pytest.raises(AuthenticationError):
        _outside(provider).check(provider.sign())


@pytest.fixture
def port() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


@pytest.mark.parametrize(("allowed", "n_asked"), [("http://127.0.0.1", 1), ("id.example", 0), ("10.0.0.0/8", 0)])
def test_a_provider_is_asked_only_where_the_operator_allows_it(port: Receiver, allowed: str, n_asked: int) -> None:
    provider = Provider(f"http://127.0.0.1:{port.port}")
    client = GuardedClient(AllowList.parse([allowed], "oidc_allow"))
    outside = OutsideIssuer(Trust(provider.issuer, AUDIENCE), lambda url: client.get(url).body)

    with pytest.raises(AuthenticationError):
        outside.check(provider.sign())

    assert [(request.method, request.path) for request in port.received] == [
        ("GET", "/.well-known/openid-configuration")
    ] * n_asked


def test_rsa_keys_are_accepted_by_the_algorithms_that_are_theirs(provider: Provider) -> None:
    provider.keys = {"first": RSAKey.generate_key(2048, private=True)}

    for algorithm in ("RS256", "PS256"):
        _outside(provider).check(provider.sign(header={"alg": algorithm}))
