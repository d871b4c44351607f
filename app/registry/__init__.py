"""A model to and from disk as verified files. Law of this layer: it knows bytes and digests, not what they mean."""
