"""What TensorBoard shows: the loss and accuracy of each epoch, a run for each stage of a training."""

from pathlib import Path

import tensorflow as tf
from tensorflow.core.framework.summary_pb2 import SummaryMetadata

from .network_plan import Epoch

# what `tf.summary.scalar` writes; it would ask for TensorBoard itself to be installed
_SCALAR = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))


class EventLog:
    """Writes epochs below a folder as they come; TensorBoard may watch meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, tf.summary.SummaryWriter] = {}

    def __call__(self, epoch: Epoch) -> None:
        """Write one epoch."""
        self._write(f"{epoch.stage}/training", epoch.number, epoch.loss, epoch.accuracy)
        if epoch.validation_loss is not None and epoch.validation_accuracy is not None:
            self._write(f"{epoch.stage}/validation", epoch.number, epoch.validation_loss, epoch.validation_accuracy)

    def _write(self, run: str, number: int, loss: float, accuracy: float) -> None:
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(str(self._folder / run.replace(" ", "_")))
        with self._writers[run].as_default():
            for name, value in (("loss", loss), ("accuracy", accuracy)):
                tf.summary.write(name, tf.constant(value), step=number, metadata=_SCALAR)
        self._writers[run].flush()
