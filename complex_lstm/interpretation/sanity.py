"""Sanity checks: whether an explanation depends on what the model has learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from complex_lstm.interpretation.agreement import rank_correlation
from complex_lstm.interpretation.forward import ForwardFunction, seeded
from complex_lstm.interpretation.methods import METHODS

STUBBORN = 0.5  # similarity above which a map shows the input rather than what was learned
SPIKE = 5.0  # times the median step


@dataclass(frozen=True)
class Cascade:
    """How similar a method's cells stay while the model's parts are made random, one after another from the output down.

    `parts` are named as in the model; `likeness` is Spearman's correlation of the cells' sizes with those of the
    trained model, after this part and all before it were made random. NaN where all cells are the same.
    """

    parts: tuple[str, ...]
    likeness: Float[np.ndarray, " part"]


def weight_cascade(forward_func: ForwardFunction, method: str) -> Cascade:
    """Return the cascading randomization of Adebayo et al. 2018 for one method.

    A map that stays the same while the weights below it become random shows the input, not the model. The model itself
    is left alone: a copy is made random, part after part.
    """
    run = METHODS[method].run
    trained = run(forward_func).cells
    found = {part: rank_correlation(trained, run(random).cells) for part, random in randomised(forward_func)}
    return Cascade(tuple(found), np.array(list(found.values())))


def randomised(forward_func: ForwardFunction, seed: int = 0) -> Iterator[tuple[str, ForwardFunction]]:
    """Yield the same output of a copy of the model whose parts become random, from the output down.

    It is one copy throughout: use it before the next one. A part gets values as it has before training.
    """
    copied = forward_func.with_copied_model()
    for place, (name, part) in enumerate(_parts_top_down(copied.model)):
        with torch.no_grad(), seeded(seed + place):  # with one seed for all, parts of the same shape would become equal
            for module in part.modules():
                reset: Any = getattr(module, "reset_parameters", None)
                if reset:
                    reset()
        yield name, copied


def first_step_spike(cells: Float[np.ndarray, "time feature"]) -> float:
    """Return the size of the first step's cells as a multiple of the median of the other steps that have any; inf where none has.

    Recurrent models are known to give large attributions to their first step (captum #594): a large number with no
    such event in the data comes from the model's initial state rather than the series. Steps of zero are left out,
    because temporal rescaling gives zero to most.
    """
    first, *others = np.abs(cells).sum(axis=1).tolist()
    nonzero = [size for size in others if size]
    if not first or not others:
        return float(bool(first))
    return first / float(np.median(nonzero)) if nonzero else np.inf


def _parts_top_down(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return the parts in use that hold weights, from the output down. An attention layer is above the blocks that it follows."""
    parts: list[tuple[str, nn.Module]] = []
    for name, part in model.named_children():
        if name == "lstm_blocks":
            parts += _blocks_and_attention(model)
        elif name != "attention_layers" and any(True for _ in part.parameters()):
            parts.append((name, part))
    return parts[::-1]


def _blocks_and_attention(model: Any) -> Iterator[tuple[str, nn.Module]]:
    for number, block in enumerate(model.lstm_blocks):
        yield f"lstm_blocks.{number}", block
        layer = number // 2
        if number % 2 == 1 and layer < len(model.attention_layers):
            yield f"attention_layers.{layer}", model.attention_layers[layer]
