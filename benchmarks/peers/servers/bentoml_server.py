"""BentoML: `bentoml serve` with one worker; an async method, for a plain one takes a thread."""

from typing import Any

import bentoml  # type: ignore[import-not-found]

from benchmarks.peers.servers.published import answer, pipeline


@bentoml.service(
    workers=1,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    traffic={"timeout": 60},
)
class Intents:
    """The service."""

    def __init__(self) -> None:
        self.model = pipeline()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator]
    async def predict(self, text: str) -> dict[str, Any]:
        """Answer one text."""
        intent, confidence = answer(self.model, text)
        return {"intent": intent, "confidence": confidence}
