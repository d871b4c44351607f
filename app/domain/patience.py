"""What is said where an answer would take longer than its caller may wait; no error of anybody's."""


class MustWaitError(Exception):
    """The answer needs a disk or a slow computation; nothing was done yet, so that it can be asked for elsewhere."""
