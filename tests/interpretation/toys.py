"""Models small enough to explain by hand. They are called as ours is: model(x, lengths) -> (batch, output)."""

import numpy as np
import torch
from torch import Tensor, nn

from complex_lstm.interpretation import Question

CPU = torch.device("cpu")


class Linear(nn.Module):
    """Output 0 is the sum of weight times cell, output 1 its tenfold."""

    def __init__(self, weight: list[list[float]]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        total = (x * self.weight).sum((1, 2))
        return torch.stack([total, 10 * total], dim=1)


class Product(nn.Module):
    """The product of two features' first cells."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return (x[:, 0, 0] * x[:, 0, 1])[:, None]


class Largest(nn.Module):
    """The largest cell of the window."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return x.amax((1, 2))[:, None]


def question_of(x: list[list[float]], *, baseline: float = 0.0, draws: list | None = None, output: int = 0, unit: float = 1.0) -> Question:
    cells = np.array(x, dtype=np.float32)
    drawn = np.array(draws, dtype=np.float32) if draws is not None else np.zeros((1, *cells.shape), dtype=np.float32)
    return Question(cells, np.full_like(cells, baseline), drawn, output, unit)
