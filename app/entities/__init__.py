"""What is named in a text, found by lists, patterns and libraries. Law: declared, never learned; no disk."""
