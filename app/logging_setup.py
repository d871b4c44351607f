"""Where log lines go and how they look. Modules log through `logging.getLogger(__name__)` and configure nothing."""

import logging
import sys
import time


def set_up_logging(level: str) -> None:
    """Write log lines of `level` and above to standard error, in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Tornado quotes malformed headers, and with them what stands in Authorization
    logging.getLogger("tornado.general").setLevel(logging.WARNING)
    # Alembic tells each of its parts that it loads
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # psycopg tells each time what the request log tells once
    logging.getLogger("psycopg").setLevel(logging.ERROR)
