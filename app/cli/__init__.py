"""The commands of people at a terminal. Law of this layer: words in, a use case, words out."""
