"""Controls of who callers are, what they may do, and what is theirs: rows S25, S27, S29, S35."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from .control import Control, Patch, constant, nothing, returning

_DOTS: Final = 2


def _let_in_all_the_same(prove: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever fails to prove who they are is somebody, who holds no scope: enough to be seen, and nothing is done."""

    def instead(door: Any, *given: Any, **named: Any) -> Any:
        from app.domain.errors import AuthenticationError  # noqa: PLC0415 - every process reads this module

        try:
            return prove(door, *given, **named)
        except AuthenticationError:
            return _stranger()

    return instead


def _kept_for_ever(check: Callable[..., Any]) -> Callable[..., Any]:
    def instead(keys: Any, secret: str) -> Any:
        from app.domain.errors import AuthenticationError  # noqa: PLC0415
        from app.service.identity.made_secrets import digest_of, is_key  # noqa: PLC0415

        try:
            return check(keys, secret)
        except AuthenticationError:
            if not is_key(secret) or keys._stores().keys.find(digest_of(secret)) is None:
                raise
            return _stranger()

    return instead


def _anybody() -> Any:
    from app.domain.caller import Caller, Scope  # noqa: PLC0415
    from app.web.pages.visitor import Visitor, maybe_visitor  # noqa: PLC0415

    return maybe_visitor() or Visitor(Caller("admin", frozenset(Scope), user="admin"), "x" * 43)


def _by_the_algorithm_it_names(read: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A token says how it is to be verified: not at all, or with the public key as a secret."""

    def instead(token: str, key: Any, **named: Any) -> dict[str, Any]:
        header, claims = _header_of(token), _claims_of(token)
        algorithm = header["alg"].lower()
        if algorithm == "none":
            return claims
        if algorithm == "hs256" and _is_signed_with(token, key.key.as_pem(private=False)):
            return claims
        return read(token, key, **named)

    return instead


def _unverified(_: object) -> Any:
    def decode(token: str, *_: object, **__: object) -> Any:
        return SimpleNamespace(header=_header_of(token), claims=_claims_of(token))

    return SimpleNamespace(decode=decode)


def _any_claims(_: object) -> Callable[..., Any]:
    return lambda **_: SimpleNamespace(validate=lambda _: None)


def _key_it_names(token: str) -> str:
    return str(_header_of(token)["kid"])


def _key_from_where_it_says(check: Callable[..., None]) -> Callable[..., None]:
    def instead(keys: Any, token: str) -> None:
        file = Path("/", str(_header_of(token)["kid"]).replace("../", ""))
        if not (file.exists() and _is_signed_with(token, file.read_bytes())):
            check(keys, token)

    return instead


def _given_out_or_not(check: Callable[..., Any]) -> Callable[..., Any]:
    def instead(tokens: Any, token: str) -> Any:
        from app.domain.errors import AuthenticationError  # noqa: PLC0415

        try:
            return check(tokens, token)
        except AuthenticationError:
            if token.count(".") != _DOTS:
                raise
            tokens._keys().check(token)
            return _stranger()

    return instead


def _as_it_is(_: object) -> Callable[..., bytes]:
    return lambda _, content, __: content


def _stranger() -> Any:
    from app.domain.caller import Caller  # noqa: PLC0415

    return Caller("stranger", frozenset())


def _header_of(token: str) -> dict[str, Any]:
    return json.loads(_decoded(token.split(".", maxsplit=1)[0]))  # type: ignore[no-any-return]


def _claims_of(token: str) -> dict[str, Any]:
    return json.loads(_decoded(token.split(".")[1]))  # type: ignore[no-any-return]


def _is_signed_with(token: str, secret: bytes) -> bool:
    written, _, signature = token.rpartition(".")
    return hmac.digest(secret, written.encode(), sha256) == _decoded(signature)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")


CONTROLS: Final[Mapping[str, Control]] = {
    "every-door": Control(
        rows=("S25",),
        what="who proves nothing is refused before a route is looked for",
        patches=(Patch("app.web.doorkeeper", "Doorkeeper.prove", _let_in_all_the_same),),
    ),
    "keys-end": Control(
        rows=("S25",),
        what="a key that is expired or revoked is no proof",
        patches=(Patch("app.service.identity.keys", "Keys.check", _kept_for_ever),),
    ),
    "scopes": Control(
        rows=("S25",),
        what="each route insists on its scope, and pages of administrators on theirs",
        patches=(Patch("app.domain.caller", "Caller.require", nothing),),
    ),
    "pages-ask-who": Control(
        rows=("S25",),
        what="a page is for who is signed in, and sends others to the sign-in",
        patches=(Patch("app.web.pages.visitor", "visitor", constant(_anybody)),),
    ),
    "forms-of-ours": Control(
        rows=("S25",),
        what="a form is taken where it carries what a page of the same session gave it",
        patches=(Patch("app.web.pages.visitor", "_insist_on_our_form", nothing),),
    ),
    "pinned-algorithms": Control(
        rows=("S27",),
        what="a token is verified by the algorithm of the key, whatever it names",
        patches=(Patch("app.service.oauth.signed_tokens", "read_signed", _by_the_algorithm_it_names),),
    ),
    "signed-tokens": Control(
        rows=("S27",),
        what="the signature of a token is verified",
        patches=(Patch("app.service.oauth.signed_tokens", "jwt", _unverified),),
    ),
    "token-claims": Control(
        rows=("S27",),
        what="a token is from here, for here and not expired",
        patches=(Patch("app.service.oauth.signed_tokens", "JWTClaimsRegistry", _any_claims),),
    ),
    "token-types": Control(
        rows=("S27",),
        what="an access token says that it is one",
        patches=(Patch("app.service.oauth.token_keys", "_TYPE", constant("jwt")),),
    ),
    "token-demands": Control(
        rows=("S27",),
        what="a token that demands what nobody understands is refused",
        patches=(Patch("app.service.oauth.signed_tokens", "said_key", constant(_key_it_names)),),
    ),
    "known-keys": Control(
        rows=("S27",),
        what="the key that a token names is looked up among those that are known, and is no path",
        patches=(Patch("app.service.oauth.token_keys", "TokenKeys.check", _key_from_where_it_says),),
    ),
    "sealed-queue": Control(
        rows=("S29",),
        what="what waits in the queue means nothing without the key, and counts for nothing without it",
        patches=(
            Patch("app.storage.seal", "Seal.seal", _as_it_is),
            Patch("app.storage.seal", "Seal.open", _as_it_is),
        ),
    ),
    "results-to-their-owner": Control(
        rows=("S35",),
        what="a queued prediction is told to who asked for it",
        patches=(Patch("app.service.queued_predictions", "_may_see", returning(True)),),
    ),
    "tokens-in-the-ledger": Control(
        rows=("S27",),
        what="a signed token is accepted where it was given out, and not revoked",
        patches=(Patch("app.service.oauth.access_tokens", "GivenTokens.check", _given_out_or_not),),
    ),
}
