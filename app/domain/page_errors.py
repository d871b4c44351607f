"""What can be wrong with a form that a page has sent: branches of the tree in `errors.py`."""

from .errors import InvalidRequestError, ParleyError


class InvalidFormError(InvalidRequestError):
    """A form that no page of ours sends."""


class ForgedFormError(ParleyError):
    """A form without the token of its session: another site had it sent, or the session has ended."""

    def __init__(self) -> None:
        super().__init__(
            "the form did not come from a page of this session: it may have lain open for long, you may have signed in "
            "or out meanwhile, or another site sent it. Nothing was changed. Open the page again and send it from there"
        )
