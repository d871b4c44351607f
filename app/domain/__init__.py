"""The words and rules of intent classification. Law of this layer: the standard library only."""
