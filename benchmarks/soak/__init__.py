"""A server under load while everything around it is taken away and brought back."""
