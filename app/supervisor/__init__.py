"""A process that keeps others serving. Law of this layer: it answers nothing and loads no model, so it stays small."""
