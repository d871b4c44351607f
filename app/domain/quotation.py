"""How what somebody sent is quoted in a sentence."""


def shortened(text: str, limit: int = 60) -> str:
    """Quote what somebody sent, cut to a length that a sentence bears."""
    return repr(text if len(text) <= limit else text[:limit] + "…")
