"""Any value of a forward pass, with the arithmetic that leads to it written out in digits."""

from complex_lstm.arithmetic.derivation import Constant, Derivation, FormattedLine, Line, OmittedTerms, Ref, Sum, Term
from complex_lstm.arithmetic.recurrence import LSTMStates, lstm_states
from complex_lstm.arithmetic.sites import SITES, Axis, SiteKind, ValueIndex, derive

__all__ = [
    "SITES", "Axis", "Constant", "Derivation", "FormattedLine", "LSTMStates", "Line", "OmittedTerms", "Ref", "SiteKind", "Sum", "Term",
    "ValueIndex", "derive", "lstm_states",
]  # fmt: skip
