"""Training on Lightning, whose import takes seconds: whoever only shows models does without this room."""

from complex_lstm.training.fit import Outcome, fit

__all__ = ["Outcome", "fit"]
