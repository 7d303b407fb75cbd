"""Models small enough to explain by hand. They are called as ours is: model(x, lengths) -> (batch, output)."""

import numpy as np
import torch
from torch import Tensor, nn

from complex_lstm.interpretation import ExplanationRequest, ForwardFunction

CPU = torch.device("cpu")
TRIED = 6  # windows on which `explain` tries a torch module of another kind, and which no method counts


class Linear(nn.Module):
    """Output 0 is the sum of weight times cell, output 1 its tenfold. It counts the windows that it got."""

    def __init__(self, weight: list[list[float]]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))
        self.seen = 0

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.seen += len(x)
        total = (x * self.weight).sum((1, 2))
        return torch.stack([total, 10 * total], dim=1)


class Product(nn.Module):
    """The product of two cells, each a step and a feature."""

    def __init__(self, first: tuple[int, int] = (0, 0), second: tuple[int, int] = (0, 1)) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return (x[:, *self.first] * x[:, *self.second])[:, None]


class Triples(nn.Module):
    """The sum of weighted products of three features each, every feature summed over its steps."""

    def __init__(self, *weighted: tuple[float, tuple[int, int, int]]) -> None:
        super().__init__()
        self.weighted = weighted

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        level = x.sum(1)
        return torch.stack([weight * level[:, list(three)].prod(1) for weight, three in self.weighted]).sum(0)[:, None]


class Largest(nn.Module):
    """The largest cell of the window."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return x.amax((1, 2))[:, None]


class Squares(nn.Module):
    """Half the sum of the squared cells, so that the gradient is the cell itself."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return x.square().sum((1, 2))[:, None] / 2


def request_of(
    x: list[list[float]],
    *,
    baseline: float = 0.0,
    baselines: list | None = None,
    draws: list | None = None,
    output: int = 0,
    unit: float = 1.0,
    as_probability: bool = False,
    interpolated: bool = False,
) -> ExplanationRequest:
    """Return a request with one number as the baseline of every cell, or with whole windows as `baselines`."""
    cells = np.array(x, dtype=np.float32)
    filled = np.array(baselines, dtype=np.float32) if baselines is not None else np.full_like(cells, baseline)[None]
    drawn = np.array(draws, dtype=np.float32) if draws is not None else np.zeros((1, *cells.shape), dtype=np.float32)
    return ExplanationRequest(cells, filled, drawn, output, unit, as_probability, interpolated, "toys")


def forward_func_of(model: nn.Module, x: list[list[float]], **about: object) -> ForwardFunction:
    return ForwardFunction(model, request_of(x, **about), CPU)
