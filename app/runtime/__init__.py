"""Arrays to scores. Law of this layer: the only home of onnxruntime."""
