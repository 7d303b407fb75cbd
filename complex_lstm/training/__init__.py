"""Training with Lightning, whose import takes seconds: code that only shows models does not import this package."""

from complex_lstm.training.fit import Outcome, fit

__all__ = ["Outcome", "fit"]
