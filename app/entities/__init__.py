"""What is named in a text, found by lists, patterns and libraries. Law of this layer: declared, never learned; no disk."""
