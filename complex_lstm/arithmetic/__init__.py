"""One chosen value of any box of the model, with the arithmetic that leads to it written out in digits."""

from complex_lstm.arithmetic.recurrence import LSTMStates, lstm_states
from complex_lstm.arithmetic.sites import BOXES, Axis, KindOfBox, Place, work_out
from complex_lstm.arithmetic.working import Earlier, Given, Line, Others, Sum, Term, Working, Written

__all__ = [
    "BOXES",
    "Axis",
    "Earlier",
    "Given",
    "KindOfBox",
    "LSTMStates",
    "Line",
    "Others",
    "Place",
    "Sum",
    "Term",
    "Working",
    "Written",
    "lstm_states",
    "work_out",
]
