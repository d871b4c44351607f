"""The moment at which tests ask what day it is."""

from datetime import datetime

WEDNESDAY = datetime(2026, 3, 18, 15)  # noqa: DTZ001 - as this machine's clock tells it
