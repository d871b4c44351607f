"""What can be wrong with users, clients, keys and what they ask for."""

from .errors import InvalidRequestError, NotFoundError, ParleyError
from .quotation import shortened


class ForbiddenModelError(ParleyError):
    """A model that is none of those the caller may use."""

    field = "model"

    def __init__(self, caller: str, model: str) -> None:
        self.caller, self.model = caller, model
        super().__init__(f"you may not use model {shortened(model)}")


class ForbiddenOriginError(ParleyError):
    """A key that pages of some origins may send, sent from elsewhere."""

    field = "Origin"

    def __init__(self, caller: str) -> None:
        self.caller = caller
        super().__init__("this key is accepted from pages of its own origins alone, as a browser names them")


class ForbiddenFileError(ParleyError):
    """A file sent with a key that everybody has who sees a page: they would be told the answers to it."""

    def __init__(self, caller: str) -> None:
        self.caller = caller
        super().__init__("a key for pages answers no files: whoever sees such a page could read the answers")


class SeveralProofsError(InvalidRequestError):
    """A request that proves who calls in more than one way."""

    def __init__(self, *headers: str) -> None:
        self.headers = headers
        super().__init__(f"prove who you are in one way: there are {' and '.join(headers)}", field=headers[0])


class InvalidUserNameError(InvalidRequestError):
    """A name that no user can have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{shortened(name)} is not a user name: 1 to 64 small letters, digits, dots, dashes and underscores, "
            "starting with a letter",
            field="name",
        )


class WeakPasswordError(InvalidRequestError):
    """A password that is easily guessed; it is not quoted."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the password {problem}", field="password")


class NameTakenError(InvalidRequestError):
    """A name that somebody has already."""

    def __init__(self, what: str, name: str) -> None:
        self.name = name
        super().__init__(f"there is a {what} {shortened(name)} already", field="name")


class ExcessiveGrantError(InvalidRequestError):
    """More for a key or a client than its user holds."""

    def __init__(self, user: str, what: str, field: str) -> None:
        self.user, self.what = user, what
        super().__init__(f"{user} does not hold {what}, and can give it to nothing and nobody", field=field)


class BuiltInUserError(InvalidRequestError):
    """Something that cannot be done to the user that is always there."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the user {name} is always there and may do everything; only its password changes", "name")


class PasswordGivenError(InvalidRequestError):
    """A password that the operator's settings give, so that it cannot be changed anywhere else."""

    def __init__(self) -> None:
        super().__init__("this password is given by the setting admin_password; change it there", field="password")


class UnknownIdentityError(NotFoundError):
    """A user, client or key that is not there, or not the caller's."""

    field = "id"

    def __init__(self, what: str, which: str) -> None:
        self.what, self.which = what, which
        super().__init__(f"there is no {what} {shortened(which)}")
