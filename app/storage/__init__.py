"""What the service remembers beside its models. Law of this layer: it stores and finds, and decides nothing."""
