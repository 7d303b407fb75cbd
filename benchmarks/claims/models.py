"""The models that are trained: the architecture as it is, with one thing changed at a time, and plain recurrent ones of its size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.config import ModelConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.ensemble import combiner
from complex_lstm.profiling.residuals import drop_residuals

BASE = "as it is"
SMALL = {"hidden_dim": 32, "num_lstm_layers": 2, "num_heads": 4, "dropout": 0.1}


@dataclass(frozen=True)
class Variant:
    """One change: of the sizes, and of the model that is made with them."""

    sizes: dict[str, Any] = field(default_factory=dict)
    alter: Callable[[Any], None] = lambda model: None


class NoEncoding(nn.Module):
    """Adds no positions."""

    def forward(self, h: Tensor) -> Tensor:
        return h


class NoAttention(nn.Module):
    """An attention layer that adds nothing."""

    def forward(self, h: Tensor, *_: Any) -> Tensor:
        return torch.zeros_like(h)


class NoReading(nn.Module):
    """A BiLSTM block that hands on what it gets."""

    def forward(self, h: Tensor, *_: Any) -> Tensor:
        return h


class NoConvolutions(nn.Module):
    """A convolution stage that hands on what it gets."""

    def forward(self, h: Tensor, *_: Any, **__: Any) -> Tensor:
        return h


class FixedGate(nn.Module):
    """A gate that takes half of each stage, whatever comes in."""

    def forward(self, both: Tensor) -> Tensor:
        return torch.full_like(both[..., : both.shape[-1] // 2], 0.5)


class MeanOfHeads(nn.Module):
    """The mean of the ensemble heads in place of a learned combination."""

    def __init__(self, ensemble_heads: int) -> None:
        super().__init__()
        self.ensemble_heads = ensemble_heads

    def forward(self, outputs: Tensor) -> Tensor:
        return outputs.unflatten(1, (self.ensemble_heads, -1)).mean(dim=1)


class Nothing(nn.Module):
    """A pool that gives zeros."""

    def forward(self, h: Tensor, *_: Any) -> Tensor:
        return torch.zeros_like(h[:, 0])


def ensemble_of(count: int) -> Callable[[Any], None]:
    """Return what leaves a model so many of its ensemble heads."""

    def alter(model: Any) -> None:
        config = model.config
        model.output_heads = model.output_heads[:count]
        sizes = {"hidden_dim": config.hidden_dim, "output_dim": config.output_dim, "dropout": config.dropout}
        model.ensemble_combiner = combiner(ensemble_heads=count, **sizes)

    return alter


def activation(kind: Callable[[], nn.Module]) -> Callable[[Any], None]:
    """Return what puts another function in the place of every ReLU."""

    def alter(model: Any) -> None:
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, nn.ReLU):
                    setattr(parent, name, kind())

    return alter


def replaced(**parts: Callable[[], nn.Module]) -> Callable[[Any], None]:
    """Return what puts others in the place of parts, named as in the document; of a list, in the place of each of it."""

    def alter(model: Any) -> None:
        for name, make in parts.items():
            old = getattr(model, name)
            setattr(model, name, nn.ModuleList(make() for _ in old) if isinstance(old, nn.ModuleList) else make())

    return alter


def fixed_scale(model: Any) -> None:
    """Keep the factor on the outputs at 1."""
    model.gradient_scale.requires_grad_(False)


VARIANTS: dict[str, Variant] = {
    BASE: Variant(),
    "one ensemble head": Variant(alter=ensemble_of(1)),
    "plain LSTM": Variant(),
    "plain GRU": Variant(),
    "no attention": Variant(alter=replaced(attention_layers=NoAttention)),
    "no convolutions": Variant(alter=replaced(temp_conv1=NoConvolutions, temp_conv2=NoConvolutions)),
    "no BiLSTM": Variant(alter=replaced(lstm_blocks=NoReading)),
    "no residuals": Variant(alter=drop_residuals),
    "hidden 16": Variant({"hidden_dim": 16}),
    "hidden 64": Variant({"hidden_dim": 64}),
    "dropout 0": Variant({"dropout": 0.0}),
    "dropout 0.5": Variant({"dropout": 0.5}),
    "1 attention head": Variant({"num_heads": 1}),
    "8 attention heads": Variant({"num_heads": 8}),
    "1 BiLSTM block": Variant({"num_lstm_layers": 1}),
    "4 BiLSTM blocks": Variant({"num_lstm_layers": 4}),
    "kernels 5, 9, 13": Variant({"kernels": ((5, 9, 13), (5, 9, 13))}),
    "GELU": Variant(alter=activation(nn.GELU)),
    "no positions": Variant(alter=replaced(pos_encoding=NoEncoding)),
    "gate fixed at 0.5": Variant(alter=replaced(fusion_gate=FixedGate)),
    "mean of the heads": Variant(alter=replaced(ensemble_combiner=lambda: MeanOfHeads(3))),
    "last step only": Variant(alter=replaced(global_pool=Nothing, local_pool=Nothing)),
    "scale fixed at 1": Variant(alter=fixed_scale),
}
PLAIN = {"plain LSTM": nn.LSTM, "plain GRU": nn.GRU}


class Recurrent(nn.Module):
    """A recurrent network in one direction with two layers, whose state at a window's last step goes through one linear layer."""

    def __init__(self, kind: Callable[..., nn.Module], input_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__()
        self.recurrent: Any = kind(input_dim, hidden_dim, num_layers=2, batch_first=True, dropout=0.1)
        self.out = nn.Linear(hidden_dim, output_dim)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor) -> Float[Tensor, "batch output"]:
        h = self.recurrent(x)[0]
        return self.out(h[torch.arange(len(h)), lengths - 1])


def parameters(model: nn.Module) -> int:
    """Return how many numbers are learned."""
    return sum(one.numel() for one in model.parameters() if one.requires_grad)


def make(variant: str, features: int, outputs: int) -> Any:
    """Return an untrained model. A plain one has as many channels as bring its parameters next to those of the architecture."""
    size = ModelConfig(features, output_dim=outputs, **SMALL)
    if variant in PLAIN:
        budget = parameters(ComplexLSTMModel(**vars(size)))
        kind = PLAIN[variant]
        hidden = min(range(8, 400, 2), key=lambda width: abs(parameters(Recurrent(kind, features, width, outputs)) - budget))
        return Recurrent(kind, features, hidden, outputs)
    chosen = VARIANTS[variant]
    model = ComplexLSTMModel(**vars(replace(size, **chosen.sizes)))
    chosen.alter(model)
    return model
