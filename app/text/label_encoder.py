"""Intents and their class indices."""

from collections.abc import Iterable, Sequence


class LabelEncoder:
    """Intents in class order: sorted by code point, each once."""

    def __init__(self, intents: Sequence[str]) -> None:
        self.intents = tuple(intents)
        self.index = {intent: number for number, intent in enumerate(self.intents)}

    @classmethod
    def learn(cls, intents: Iterable[str]) -> "LabelEncoder":
        """Number the intents."""
        return cls(sorted(set(intents)))

    def encode(self, intents: Iterable[str]) -> list[int]:
        """
        Give the class indices of intents.

        Raises:
            KeyError: an intent was not learned.
        """
        return [self.index[intent] for intent in intents]

    def __len__(self) -> int:
        """Count the intents."""
        return len(self.intents)
