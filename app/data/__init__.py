"""Training and test data: read any format, check it, split it. Law of this layer: nothing here knows a model."""
