"""What happens to the output when parts of the window are replaced by the baseline."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import nn

from complex_lstm.interpretation.explanation import Question
from complex_lstm.model.ablation import BATCH, ablated_outputs


@torch.no_grad()
def ablate_features(model: nn.Module, question: Question, device: torch.device) -> Float[np.ndarray, " feature"]:
    """Return the output less its value with a feature's whole column at the baseline, for each feature.

    The architecture document's ablation, signed and for one output. Features that stand in for each other each look
    unimportant, because the other one remains.
    """
    x = torch.from_numpy(question.x)[None].to(device)
    intact, ablated = ablated_outputs(model, x, torch.from_numpy(question.baseline).to(device))
    drop = intact[0, question.output] - ablated[:, 0, question.output]
    return drop.double().cpu().numpy() * question.unit


@torch.no_grad()
def ablate_cells(model: nn.Module, question: Question, device: torch.device) -> Float[np.ndarray, "time feature"]:
    """Return the output less its value with one cell at the baseline, for each cell.

    In a smooth series a single cell is guessed from its neighbours, so the values are small; occlusion takes whole
    stretches.
    """
    x = torch.from_numpy(question.x).to(device)
    fill = torch.from_numpy(question.baseline).to(device)
    intact = model(x[None])[0, question.output]
    drops = torch.empty(x.numel(), device=device)
    for first in range(0, x.numel(), BATCH):
        cells = torch.arange(first, min(first + BATCH, x.numel()), device=device)
        step, feature = cells // x.shape[1], cells % x.shape[1]
        changed = x.repeat(len(cells), 1, 1)  # (cell, time, feature)
        changed[torch.arange(len(cells), device=device), step, feature] = fill[step, feature]
        drops[cells] = intact - model(changed)[:, question.output]
    return drops.reshape(x.shape).double().cpu().numpy() * question.unit


def scaled_zero(mean: tuple[float, ...], std: tuple[float, ...]) -> Float32[np.ndarray, " feature"]:
    """Return the scaled value of 0 in the file's units, for each feature."""
    return (-np.array(mean) / np.array(std)).astype(np.float32)
