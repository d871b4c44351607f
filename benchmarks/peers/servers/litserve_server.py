"""LitServe with one API server and one worker, the least it runs as, and the queue it recommends for many requests."""

from typing import Any

import litserve  # type: ignore[import-not-found]

from .published import answer, pipeline, port


class Intents(litserve.LitAPI):  # type: ignore[misc]
    """The steps of a request as LitServe names them."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe's signature
        """Load the model in the worker."""
        self.model = pipeline()

    def decode_request(self, request: dict[str, Any]) -> str:
        """Take the text out of the body."""
        return str(request["text"])

    def predict(self, x: str) -> tuple[str | None, float]:
        """Answer one text."""
        return answer(self.model, x)

    def encode_response(self, output: tuple[str | None, float]) -> dict[str, Any]:
        """Give the body of the reply."""
        return {"intent": output[0], "confidence": output[1]}


if __name__ == "__main__":
    server = litserve.LitServer(Intents(), accelerator="cpu", devices=1, workers_per_device=1, fast_queue=True)
    server.run(
        host="127.0.0.1",
        port=port(),
        num_api_servers=1,
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
