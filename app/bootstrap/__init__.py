"""Settings in, wired services out. Law of this layer: the one place where parts are put together."""
