"""What is written for TensorBoard is what was told of the epochs."""

from pathlib import Path

import tensorflow as tf
from tensorflow.core.util.event_pb2 import Event

from app.networks.event_log import EventLog
from app.networks.network_plan import Epoch


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """Read the only event file of a run."""
    [path] = folder.iterdir()
    events = [Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    return {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in events
        for value in event.summary.value
    }


def test_every_epoch_is_a_point_of_loss_and_accuracy_in_the_run_of_its_stage(tmp_path):
    log = EventLog(tmp_path)

    log(Epoch("finding the best epoch", 1, 2, 0.75, 0.5, 1.5, 0.25, 1.0))
    log(Epoch("finding the best epoch", 2, 2, 0.5, 1.0, 1.25, 0.5, 0.0))
    log(Epoch("training on all examples", 1, 1, 0.25, 1.0, None, None, 0.0))

    found = tmp_path / "finding_the_best_epoch"
    assert scalars(found / "training") == {
        ("loss", 1): 0.75,
        ("accuracy", 1): 0.5,
        ("loss", 2): 0.5,
        ("accuracy", 2): 1.0,
    }
    assert scalars(found / "validation")[("loss", 2)] == 1.25
    assert {path.name for path in (tmp_path / "training_on_all_examples").iterdir()} == {"training"}
