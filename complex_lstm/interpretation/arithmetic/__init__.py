"""One chosen value of any box of the model, with the arithmetic that leads to it written out in digits."""

from complex_lstm.interpretation.arithmetic.boxes import BOXES, KindOfBox, Place, work_out
from complex_lstm.interpretation.arithmetic.choosing import Axis
from complex_lstm.interpretation.arithmetic.lstm_states import LSTMStates, lstm_states
from complex_lstm.interpretation.arithmetic.working import Earlier, Given, Line, Others, Sum, Term, Working, Written

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
