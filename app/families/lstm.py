"""Words in order through a bidirectional LSTM, read to its ends."""

from .contract import Family
from .model_config import TrainingConfig
from .sequence_features import SequenceConfig, SequenceFeatures


class LstmConfig(SequenceConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `lstm` model."""

    family: str = "lstm"
    training: TrainingConfig = TrainingConfig(label_smoothing=0.1)


FAMILY = Family("lstm", LstmConfig, SequenceFeatures)
