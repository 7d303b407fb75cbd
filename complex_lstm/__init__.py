"""See inside a time-series model: ComplexLSTM, its trace, its explanations and their pictures."""

from complex_lstm.model import BareCheckpoint, Checkpoint, ComplexLSTMModel, Trace, load_checkpoint, save_checkpoint

__all__ = ["BareCheckpoint", "Checkpoint", "ComplexLSTMModel", "Trace", "load_checkpoint", "save_checkpoint"]
__version__ = "0.1.0"
