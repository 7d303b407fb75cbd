"""One chosen value of any box of the model, with the arithmetic that leads to it written out in digits."""

from complex_lstm.arithmetic.derivation import Constant, Derivation, Line, Others, Ref, Sum, Term, Written
from complex_lstm.arithmetic.recurrence import LSTMStates, lstm_states
from complex_lstm.arithmetic.sites import SITES, Axis, Place, SiteKind, work_out

__all__ = [
    "SITES",
    "Axis",
    "Constant",
    "Derivation",
    "LSTMStates",
    "Line",
    "Others",
    "Place",
    "Ref",
    "SiteKind",
    "Sum",
    "Term",
    "Written",
    "lstm_states",
    "work_out",
]
