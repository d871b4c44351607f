"""Words in order through a bidirectional LSTM, pooled by attention: which words count is learned too."""

from .contract import Family
from .model_config import TrainingConfig
from .sequence_features import SequenceConfig, SequenceFeatures


class LstmAttentionConfig(SequenceConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `lstm_attention` model."""

    family: str = "lstm_attention"
    training: TrainingConfig = TrainingConfig(label_smoothing=0.1)


FAMILY = Family("lstm_attention", LstmAttentionConfig, SequenceFeatures)
