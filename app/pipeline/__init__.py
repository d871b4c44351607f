"""A fitted model in memory: features, session, labels and calibration. Law of this layer: immutable, no disk."""
