"""Arrays to scores. Law of this layer: the only home of onnxruntime."""

import os

# onnxruntime reads it while it is imported. Without it the library writes to the home folder and calls its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251
