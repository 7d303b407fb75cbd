"""A trained model's state dict, to be written as people write it."""

from torch import Tensor

from complex_lstm import ComplexLSTMModel
from tests.model.lively import liven, random_windows

State = dict[str, Tensor]
SIZES = {"input_dim": 4, "hidden_dim": 24, "num_lstm_layers": 2, "num_heads": 6, "output_dim": 3}
X = random_windows(3, 9, 4)


def trained() -> ComplexLSTMModel:
    return liven(ComplexLSTMModel(**SIZES))


def under(prefix: str, state: State) -> State:
    return {f"{prefix}{name}": value for name, value in state.items()}
