"""The use cases. Law of this layer: no framework, no file format; bytes of requests and replies stay in `web`."""
