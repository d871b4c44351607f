"""Signed tokens are read by others, and are refused here as soon as they are revoked; forged ones always (S27, S28)."""

import base64
import json
import subprocess
import sys

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from app.service.oauth.token_keys import TokenKeys
from app.storage.token_key_files import TokenKeyFiles
from tests.person import Person
from tests.providers import Provider
from tests.server import ROOT
from tests.web.oauth.conftest import HERE, PASSWORD, Office


def _status(office: Office, token: str) -> int:
    return office.used(token)


def _key_set(office: Office) -> KeySet:
    return KeySet.import_key_set(office.server.get("/.well-known/jwks.json", Authorization="").json())


def test_whoever_has_the_public_keys_can_read_a_token(signer: Office) -> None:
    client = signer.new_client()
    token = signer.tokens(client, grant_type="client_credentials", scope="profile")["access_token"]

    read = jwt.decode(token, _key_set(signer), algorithms=["ES256"])

    assert read.header["typ"] == "at+jwt"
    expected = {"iss": HERE, "aud": HERE, "client_id": client.id, "sub": f"client:{client.id}", "scope": "profile"}
    assert expected.items() <= read.claims.items()
    assert _status(signer, token) == 200


def test_a_signed_token_of_a_person_names_them_and_ends_where_it_is_revoked(signer: Office) -> None:
    client = signer.new_client()
    person = Person(signer.server).sign_in("ada", PASSWORD)
    told = signer.answered(person, client)
    tokens = signer.exchanged(client, told["code"]).json()
    assert told["iss"] == HERE
    assert jwt.decode(tokens["access_token"], _key_set(signer), algorithms=["ES256"]).claims["sub"] == "ada"
    assert _status(signer, tokens["access_token"]) == 200

    signer.send("/oauth/revoke", client, {"token": tokens["access_token"]})

    assert _status(signer, tokens["access_token"]) == 401
    assert signer.send("/oauth/introspect", client, {"token": tokens["access_token"]}).json() == {"active": False}


def test_a_key_is_rotated_at_the_terminal_and_tokens_of_the_old_one_stay_good(signer: Office) -> None:
    client = signer.new_client()
    old = signer.tokens(client, grant_type="client_credentials")["access_token"]
    folder = signer.server.log.parent
    settings = {
        "PARLEY_VAR_DIR": str(folder / "var"), "PARLEY_TOKEN_FORMAT": "jwt", "PARLEY_PUBLIC_URL": HERE,
        "PARLEY_TOKEN_ALGORITHM": "ES256", "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-m", "app", "token-keys", "rotate"],
        cwd=folder, env=settings, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    new = signer.tokens(client, grant_type="client_credentials")["access_token"]
    header = json.loads(base64.urlsafe_b64decode(new.partition(".")[0] + "=="))
    assert header["kid"] == done.stdout.strip()
    assert [_status(signer, token) for token in (old, new)] == [200, 200]


def _forged(token: str, **changes: object) -> str:
    head, claims, signature = token.split(".")
    header = {**json.loads(base64.urlsafe_b64decode(head + "==")), **changes}
    return ".".join([base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode(), claims, signature])


_WITHOUT_BOTH = pytest.mark.controls("signed-tokens", "tokens-in-the-ledger")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"alg": "none"}, marks=_WITHOUT_BOTH), pytest.param({"alg": "HS256"}, marks=_WITHOUT_BOTH),
        {"kid": "../../dev/null"}, {"crit": ["bork"], "bork": 1}, {"kid": 7},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_token_is_401(signer: Office, changes: dict[str, object]) -> None:
    token = signer.tokens(signer.new_client(), grant_type="client_credentials")["access_token"]

    assert _status(signer, _forged(token, **changes)) == 401
    assert _status(signer, token) == 200


@pytest.mark.controls("tokens-in-the-ledger")
def test_a_token_that_was_signed_rightly_and_never_given_out_is_401(signer: Office) -> None:
    client = signer.new_client()
    signer.tokens(client, grant_type="client_credentials")
    files = TokenKeyFiles(signer.server.log.parent / "var" / "token-keys")
    keys = TokenKeys(files, issuer=HERE, algorithm="ES256", life_s=3600)

    assert _status(signer, keys.sign("ada", client.id, "predict", 3600)) == 401


@pytest.mark.parametrize("n_kb", [8, 60, 1_000])
def test_a_huge_header_is_refused(signer: Office, n_kb: int) -> None:
    try:
        status = _status(signer, "e30." + "A" * (n_kb * 1024) + ".x")
    except ConnectionError:
        status = 431  # hung up on, while it was still sending

    assert status in {400, 401, 431}
    assert signer.server.get("/healthz").status == 200


def test_a_token_of_the_provider_is_accepted_for_what_it_says(signer: Office, provider: Provider) -> None:
    tokens = [provider.sign(scope=scope) for scope in ("openid parley:predict", "openid profile email", "train")]

    assert [_status(signer, token) for token in tokens] == [200, 401, 403]


def test_a_token_of_the_provider_for_others_is_401(signer: Office, provider: Provider) -> None:
    assert _status(signer, provider.sign(aud="somebody else")) == 401
    assert _status(signer, provider.sign(header={"kid": "made up"})) == 401
