"""Text to tokens and ids, in any script. Law of this layer: same text, same tokens, in training and in serving."""
