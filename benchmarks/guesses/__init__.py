"""Whoever guesses passwords at a server: what they learn, and what others notice."""
