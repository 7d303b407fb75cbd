"""Training on Lightning, and scores. Knows no screen."""

from complex_lstm.training.fit import Outcome, fit
from complex_lstm.training.scores import ClassScores, ValueScores, score

__all__ = ["ClassScores", "Outcome", "ValueScores", "fit", "score"]
