"""What lies in the boxes after the time axis is gone: pooling, ensemble heads, combiner and prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from complex_lstm.ui.tour.human_terms import HUMAN_TERMS, in_human_terms
from complex_lstm.ui.tour.sheets import TERMS, Colours, Sheet
from complex_lstm.ui.tour.window import TourWindow

POOLS = ("mean", "max", "last step")


def open_pooling(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the three pooled vectors, one a row."""
    trace = window.trace
    pooled = torch.cat([trace.pooled_mean, trace.pooled_max, trace.pooled_last]).numpy()  # (pool, channel)
    return (Sheet("pooled", pooled, "pool", "channel", names=POOLS, kind="Pooling"),)


def open_heads(window: TourWindow) -> tuple[Sheet, ...]:
    """Return what each ensemble head says, one a row."""
    said = window.trace.head_outputs[0].numpy()
    names = tuple(f"ensemble head {member + 1}" for member in range(len(said)))
    return (Sheet("outputs", said, "ensemble head", "output", names=names, columns=window.outputs, kind="Ensemble head"),)


def open_combiner(window: TourWindow) -> tuple[Sheet, ...]:
    """Return what the combiner makes of the ensemble heads, before the learned scale."""
    return (_outputs("combined", combined(window), window, until="z_2"),)


def open_prediction(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the prediction in the model's own scale, and what it means outside the model."""
    terms = _outputs(HUMAN_TERMS[window.scene.is_classes], in_human_terms(window).astype(np.float32), window)
    colours: Colours = "share" if window.scene.is_classes else "signed"
    return (_outputs("prediction", window.trace.prediction[0].numpy(), window), replace(terms, kind=TERMS, colours=colours))


@torch.no_grad()
def combined(window: TourWindow) -> np.ndarray:
    """Return the combiner's outputs before the learned scale, computed anew: the trace keeps them only after it."""
    said = window.trace.head_outputs.flatten(1).to(next(window.model.parameters()).device)
    return window.model.ensemble_combiner(said)[0].cpu().numpy()


def _outputs(label: str, values: np.ndarray, window: TourWindow, until: str = "") -> Sheet:
    """Return a sheet of one row, a column for each output."""
    return Sheet(
        label,
        values[None],
        "",
        "output",
        names=(label,),
        columns=window.outputs,
        kind="Combiner",
        find=lambda row, column: (column,),
        until=until,
    )
