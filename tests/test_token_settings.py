"""Settings of the OAuth2 server that make no sense together are refused, with a sentence."""

from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidValueError
from app.settings import load_settings


@pytest.mark.parametrize(
    ("flags", "key"),
    [
        ({"public_url": "parley.example"}, "public_url"),
        ({"public_url": "https://parley.example/"}, "public_url"),
        ({"public_url": "https://parley.example?a"}, "public_url"),
        ({"token_format": "jwt"}, "token_format"),
        ({"oauth_old_grants": "password,client_credentials"}, "oauth_old_grants"),
        ({"oauth_old_grants": "made_up"}, "oauth_old_grants"),
        ({"oidc_issuer": "https://id.example"}, "oidc_audience"),
        ({"oidc_issuer": "id.example", "oidc_audience": "parley"}, "oidc_issuer"),
        ({"oidc_issuer": "http://id.example", "oidc_audience": "parley"}, "oidc_issuer"),
        ({"oidc_allow": "ftp://id.example"}, "oidc_allow"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, flags: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidValueError) as told:
        load_settings(tmp_path, environment={}, flags=flags)

    assert str(told.value).startswith(key)


def test_the_environment_says_which_old_grants_there_are(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={"PARLEY_OAUTH_OLD_GRANTS": "password, implicit"})

    assert settings.oauth_old_grants == ("password", "implicit")
