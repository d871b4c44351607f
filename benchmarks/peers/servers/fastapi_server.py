"""FastAPI under uvicorn with uvloop and httptools; an async function, for a plain one takes a thread."""

import uvicorn  # type: ignore[import-not-found]
from fastapi import FastAPI  # type: ignore[import-not-found]
from pydantic import BaseModel  # type: ignore[import-not-found]

from .published import answer, pipeline, port

app = FastAPI()
model = pipeline()


class Question(BaseModel):  # type: ignore[misc]
    """The body of a request."""

    text: str


class Answer(BaseModel):  # type: ignore[misc]
    """The body of a reply."""

    intent: str | None
    confidence: float


@app.post("/predict")  # type: ignore[untyped-decorator]
async def predict(question: Question) -> Answer:
    """Answer one text."""
    intent, confidence = answer(model, question.text)
    return Answer(intent=intent, confidence=confidence)


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=port(), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
