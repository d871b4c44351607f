"""MLServer with a custom handler, which spares it the tensors of the V2 protocol, and no worker processes."""

from mlserver import MLModel  # type: ignore[import-not-found]
from mlserver.handlers import custom_handler  # type: ignore[import-not-found]
from pydantic import BaseModel  # type: ignore[import-not-found]

from .published import answer, pipeline


class Question(BaseModel):  # type: ignore[misc]
    """The body of a request."""

    text: str


class Answer(BaseModel):  # type: ignore[misc]
    """The body of a reply."""

    intent: str | None
    confidence: float


class Intents(MLModel):  # type: ignore[misc]
    """The model as MLServer runs it."""

    async def load(self) -> bool:
        """Load it."""
        self.model = pipeline()
        return True

    @custom_handler(rest_path="/predict")  # type: ignore[untyped-decorator]
    async def predict_text(self, question: Question) -> Answer:
        """Answer one text."""
        intent, confidence = answer(self.model, question.text)
        return Answer(intent=intent, confidence=confidence)
