"""The mode of what a process writes from now on."""

import os
import stat


def keep_others_out() -> None:
    """Let nobody but the owner and the group write to new files: Parley reads none that everybody can write to."""
    os.umask(os.umask(0o077) | stat.S_IWOTH)
