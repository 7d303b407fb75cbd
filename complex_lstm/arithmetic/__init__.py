"""Any value of a forward pass, with the arithmetic that leads to it written out in digits."""

from complex_lstm.arithmetic.derivation import INPUT, Constant, Derivation, FormattedLine, Line, OmittedTerms, Ref, Sum, Term, ValueIndex
from complex_lstm.arithmetic.held_gates import READINGS, HeldGate, Reading
from complex_lstm.arithmetic.recurrence import LSTMStates, lstm_states, trace_held
from complex_lstm.arithmetic.sites import SITES, Axis, SiteKind, derive

__all__ = [
    "INPUT", "READINGS", "SITES", "Axis", "Constant", "Derivation", "FormattedLine", "HeldGate", "LSTMStates",
    "Line", "OmittedTerms", "Reading", "Ref", "SiteKind", "Sum", "Term", "ValueIndex", "derive",
    "lstm_states", "trace_held",
]  # fmt: skip
