"""The HTTP server: bytes of connections to requests, in turns, and replies back."""
