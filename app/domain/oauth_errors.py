"""What an OAuth2 client may be told is wrong, by the names of RFC 6749, 7009 and 9207: a branch of `errors.py`."""

from .errors import ConfigurationError, InvalidRequestError


class OAuthError(InvalidRequestError):
    """A request of a client that is refused; `error` is its name in the reply."""

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        super().__init__(description)


class ClientProofError(OAuthError):
    """A client that did not prove who it is; which part of the proof was wrong is not told."""

    def __init__(self) -> None:
        super().__init__("invalid_client", "no client has this id and secret, or it proves itself another way")


class RefusedGrantError(OAuthError):
    """A code, a refresh token or a password of a grant that is not good."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_grant", description)


class UntrustedRedirectError(OAuthError):
    """A request for consent whose client or address to go back to is not known: nobody is sent anywhere."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_request", description)


class UnusableTokenKeyError(ConfigurationError):
    """A key that tokens are signed with, on disk, that cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"the token key {name}: {problem}")
