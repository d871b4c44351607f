"""One small server for each peer, written the way its own documentation recommends; none logs or asks who calls."""
