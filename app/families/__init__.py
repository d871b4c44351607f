"""
One file per family: its configuration, and its features from an input to arrays.

Law of this layer: no TensorFlow. What builds and trains a family's network stands in `networks/<name>.py`.
"""
