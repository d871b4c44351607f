"""Use cases for tests of what stands before them."""

from dataclasses import fields
from typing import Any

from app.service.oauth.oauth import OAuth, OAuthSettings
from app.service.observation import Observation
from app.web.operation import Services


def broken_services(observation: Observation) -> Services:
    """Give use cases of which none can be used, and an observation of requests."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(Services))
    nothing["oauth"] = OAuth(nothing["identity"], nothing["identity"], OAuthSettings())
    return Services(**{**nothing, "observation": observation})
