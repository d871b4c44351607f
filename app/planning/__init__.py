"""What is to be trained: a configuration and data, read and checked. Law of this layer: nothing is learned here."""
